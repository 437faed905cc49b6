namespace TransferLearning.ZeroShot;

/// <summary>
/// A learner that tells classes by their descriptions, so that it can predict classes of which it has seen no row.
/// </summary>
/// <remarks>
/// It is fitted to rows of the seen classes and scores all of them, <c>[n, classes]</c>. What it has learned from
/// favors the seen classes, so a penalty is taken off their scores (calibrated stacking, Chao et al. 2016): infinity
/// leaves only the unseen classes, the usual zero-shot setting and the default; 0 or a finite one lets rows be of
/// either kind, the generalized setting. <see cref="CalibratedStacking"/> chooses it from held-out classes.
/// </remarks>
public interface IZeroShotLearner : ILabelLearner
{
    /// <summary>What is known of the classes.</summary>
    ClassDescriptions Descriptions { get; }

    /// <summary>What is taken off the scores of seen classes, not negative.</summary>
    double SeenPenalty { get; }

    /// <summary>The same learner with another penalty on seen classes.</summary>
    /// <param name="penalty">The penalty, not negative; infinity leaves only unseen classes.</param>
    IZeroShotLearner WithSeenPenalty(double penalty);
}
