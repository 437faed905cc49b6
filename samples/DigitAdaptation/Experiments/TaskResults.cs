using DigitAdaptation.Digits;

namespace DigitAdaptation.Experiments;

/// <summary>Everything that came out of one task.</summary>
/// <param name="Task">The task.</param>
/// <param name="Epochs">How long networks were trained.</param>
/// <param name="Methods">The methods in the order of the table.</param>
public sealed record TaskResults(DigitTask Task, int Epochs, IReadOnlyList<MethodSummary> Methods)
{
    /// <summary>The method trained on the source alone, if it was among them.</summary>
    public MethodSummary? Baseline => Methods.FirstOrDefault(method => method.Method.Role == MethodRole.Baseline);

    /// <summary>The method trained on target labels, if it was among them.</summary>
    public MethodSummary? Oracle => Methods.FirstOrDefault(method => method.Method.Role == MethodRole.Oracle);

    /// <summary>The adapted method with the highest accuracy, if any was among them.</summary>
    public MethodSummary? Best => Adapted.MaxBy(method => method.Accuracy);

    /// <summary>
    /// The best of those adapted methods whose features are not the baseline's: what adaptation does to features shows
    /// there.
    /// </summary>
    public MethodSummary? BestWithOwnFeatures =>
        Adapted
            .Where(method => method.Results[0].Features is { } own && !IsBaselines(own))
            .MaxBy(method => method.Accuracy);

    private IEnumerable<MethodSummary> Adapted => Methods.Where(method => method.Method.Role == MethodRole.Adaptation);

    private bool IsBaselines(FeatureSample features) => Baseline?.Results[0].Features?.IsSameAs(features) == true;
}
