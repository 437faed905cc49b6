using TransferLearning.ZeroShot;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Calibrated stacking (Chao et al. 2016): a zero-shot learner for rows of seen and of unseen classes. A learner
    /// for <c>Learn</c>.
    /// </summary>
    /// <param name="learner">The zero-shot learner.</param>
    /// <param name="rounds">How many times classes are held out to choose the penalty on seen ones. Default 3.</param>
    public static CalibratedStacking CalibratedStacking(IZeroShotLearner learner, int rounds = 3) =>
        new(learner) { Rounds = rounds };
}
