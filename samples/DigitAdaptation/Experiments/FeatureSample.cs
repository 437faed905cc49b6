namespace DigitAdaptation.Experiments;

/// <summary>Features of some source and some target images, for a picture.</summary>
/// <param name="Source">One row of features an image of the source.</param>
/// <param name="SourceDigits">The digits of those images.</param>
/// <param name="Target">One row of features an image of the target.</param>
/// <param name="TargetDigits">The digits of those images: only drawn, never learned from.</param>
public sealed record FeatureSample(
    IReadOnlyList<float[]> Source,
    IReadOnlyList<long> SourceDigits,
    IReadOnlyList<float[]> Target,
    IReadOnlyList<long> TargetDigits
)
{
    /// <summary>
    /// Whether another method sees exactly the same: one that learns on the same network's features, for instance.
    /// </summary>
    public bool IsSameAs(FeatureSample other) => AreSame(Source, other.Source) && AreSame(Target, other.Target);

    private static bool AreSame(IReadOnlyList<float[]> rows, IReadOnlyList<float[]> others) =>
        rows.Count == others.Count && rows.Zip(others).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));
}
