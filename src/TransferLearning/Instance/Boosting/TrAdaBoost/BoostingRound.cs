namespace TransferLearning.Instance;

/// <summary>One round of transfer boosting, for inspection.</summary>
/// <param name="TargetError">The weighted error on the labeled target rows, before it is capped.</param>
/// <param name="Beta">
/// The factor <c>error / (1 - error)</c> after the cap: the smaller, the stronger the learner's vote.
/// </param>
/// <param name="SourceShare">The share of all weight that lies on the source rows before the round.</param>
public readonly record struct BoostingRound(double TargetError, double Beta, double SourceShare);
