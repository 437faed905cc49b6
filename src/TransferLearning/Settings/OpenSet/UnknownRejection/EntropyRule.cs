using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>Rows whose prediction is spread over many classes are unknown.</summary>
/// <remarks>
/// The margin is <c>H - s log C</c>, H the entropy of the C known classes in nats and s a share of the largest entropy
/// (Saito, Kim, Sclaroff and Saenko 2020, "Universal Domain Adaptation through Self-Supervision", where s = 1/2).
/// </remarks>
[SavedPart("entropy-rule")]
public sealed class EntropyRule : IUnknownRule, ISavedPart
{
    private double share;

    private EntropyRule() { }

    /// <summary>A rule.</summary>
    /// <param name="share">The share s of <c>log C</c>, above 0 and below 1. Default 0.5, the paper's.</param>
    public EntropyRule(double share = 0.5)
    {
        Guard.Positive(share);
        Guard.InRange(share, 0, 1);
        this.share = share;
    }

    /// <summary>The share of the largest entropy from which on a row is unknown.</summary>
    public double Share => share;

    /// <inheritdoc />
    public Tensor Margin(Tensor features, Tensor logs)
    {
        Guard.Rows(logs);
        using var scope = NewDisposeScope();
        // A class that cannot be has the logarithm minus infinity, and adds nothing.
        var entropy = (logs.exp() * logs.clamp_min(-1e4)).sum(1).neg();
        return (entropy - (share * Math.Log(logs.shape[1]))).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Number("share", ref share);
    }
}
