using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>Rows whose largest probability is low are unknown.</summary>
/// <remarks>
/// The margin is <c>log t - max_c log p_c</c>: a row is unknown where its best class has less than the threshold t
/// (Hendrycks and Gimpel 2017, "A Baseline for Detecting Misclassified and Out-of-Distribution Examples").
/// </remarks>
[SavedPart("confidence-rule")]
public sealed class ConfidenceRule : IUnknownRule, ISavedPart
{
    private double threshold;

    private ConfidenceRule() { }

    /// <summary>A rule.</summary>
    /// <param name="threshold">The probability t, above 0 and below 1. Default 0.5.</param>
    public ConfidenceRule(double threshold = 0.5)
    {
        Guard.Positive(threshold);
        Guard.InRange(threshold, 0, 1);
        this.threshold = threshold;
    }

    /// <summary>The probability below which a row is unknown.</summary>
    public double Threshold => threshold;

    /// <inheritdoc />
    public Tensor Margin(Tensor features, Tensor logs)
    {
        Guard.Rows(logs);
        using var scope = NewDisposeScope();
        return (logs.amax([1L]).neg() + Math.Log(threshold)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Number("threshold", ref threshold);
    }
}
