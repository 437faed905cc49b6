using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>UAN's rule: a row of little transferability is unknown.</summary>
/// <remarks>
/// The margin is <c>w_0 - (d - H / log C)</c>, d the first critic's probability of "source" and H the entropy of the
/// known classes (You, Long, Cao, Wang and Jordan 2019, "Universal Domain Adaptation", equation 9).
/// </remarks>
[SavedPart("transferability-rule")]
public sealed class TransferabilityRule : IUnknownRule, IComposite, ISavedPart
{
    private IDomainCritic? first;
    private double threshold;

    private TransferabilityRule() { }

    /// <summary>A rule of a critic.</summary>
    /// <param name="first">The critic that weighs, of <see cref="UniversalAdversary"/>.</param>
    /// <param name="threshold">The threshold w_0, above -1 and below 1. Default -0.5.</param>
    public TransferabilityRule(IDomainCritic first, double threshold = -0.5)
    {
        ArgumentNullException.ThrowIfNull(first);
        Guard.InRange(threshold, -1, 1);
        (this.first, this.threshold) = (first, threshold);
    }

    /// <summary>The transferability below which a row is unknown.</summary>
    public double Threshold => threshold;

    /// <inheritdoc />
    public IReadOnlyList<IPart> Inner => [first!];

    /// <inheritdoc />
    public Tensor Margin(Tensor features, Tensor logs)
    {
        Guard.Alive(features);
        Guard.Rows(logs);
        using var scope = NewDisposeScope();
        var transferability = UniversalAdversary.Transferability(Verdict.Of(first!, features), logs);
        return (transferability.neg() + threshold).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Part("first", ref first);
        state.Number("threshold", ref threshold);
    }
}
