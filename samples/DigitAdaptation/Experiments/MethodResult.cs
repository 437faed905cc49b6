namespace DigitAdaptation.Experiments;

/// <summary>One method, trained once with one seed, judged on the target's test images.</summary>
/// <param name="Method">The method's name.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Accuracy">The share of test images read correctly, 0 to 1.</param>
/// <param name="Seconds">How long training took, on the wall.</param>
/// <param name="Curve">
/// The same accuracy after every epoch, and once more at the end where something else followed the last one; empty for
/// methods that do not train a network.
/// </param>
/// <param name="Confusion">How often a digit (row) was read as a digit (column).</param>
/// <param name="Features">What the method sees, for the picture.</param>
/// <param name="Diagnosis">A section of HTML on how the critic and the extractor got on, or null.</param>
public sealed record MethodResult(
    string Method,
    int Seed,
    double Accuracy,
    double Seconds,
    IReadOnlyList<double> Curve,
    int[][] Confusion,
    FeatureSample? Features,
    string? Diagnosis = null
);
