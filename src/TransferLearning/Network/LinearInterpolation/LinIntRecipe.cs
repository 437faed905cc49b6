using TransferLearning.Network;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// LinInt (Daumé 2007): the sources' and the target's predictions, added in shares that held-out target rows give.
    /// A stage for <c>Add</c>; it needs labeled target rows.
    /// </summary>
    /// <param name="learner">The learner, of the sources and of the target.</param>
    /// <param name="fittedShare">
    /// The share of the labeled target rows that the target's model is fitted to. Default 0.5.
    /// </param>
    public static LinearInterpolation LinInt(ILabelLearner learner, double fittedShare = 0.5) =>
        new(learner) { FittedShare = fittedShare };
}
