namespace DigitAdaptation.Experiments;

/// <summary>What a method answers after one training.</summary>
/// <param name="Predictions">The digit read in each of the target's test images, in their order.</param>
/// <param name="Features">What the method sees, for the picture; null where it has no features of its own.</param>
/// <param name="Diagnosis">
/// A section of HTML on how the critic and the extractor got on; null where there is no critic to look at.
/// </param>
public sealed record MethodOutcome(
    IReadOnlyList<long> Predictions,
    FeatureSample? Features = null,
    string? Diagnosis = null
);
