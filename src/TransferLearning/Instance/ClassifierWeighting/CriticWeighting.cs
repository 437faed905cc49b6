using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>Weights from a domain critic that is already trained: an adversary's, a logistic regression's, a density ratio's.</summary>
/// <remarks>
/// A critic's logit is <c>ln p(source | x) / p(target | x)</c>, so <c>w(x) = n/m exp(-logit)</c> estimates <c>p_t(x) / p_s(x)</c> where it was trained on n
/// source and m target rows; the odds are a factor of all weights alike (Bickel, Brückner and Scheffer 2007, "Discriminative Learning for
/// Differing Training and Test Distributions"; deep critics as in Sugiyama, Suzuki and Kanamori 2012). The critic judges the rows of the stage: after a network, its features.
/// </remarks>
/// <param name="critic">The critic; it stays the caller's.</param>
/// <param name="odds">The ratio n/m of source to target rows in its training. Default 1, balanced batches.</param>
public sealed class CriticWeighting(IDomainCritic critic, double odds = 1) : IInstanceWeighting
{
    private readonly IDomainCritic critic = critic ?? throw new ArgumentNullException(nameof(critic));

    /// <inheritdoc />
    public Tensor Weigh(LabelledDomain source, UnlabelledDomain target, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(source);
        Guard.Positive(odds);
        using var scope = NewDisposeScope();
        return FromLogits(BatchedPass.Over(source.Rows, new Judged(critic)).reshape(-1), odds)
            .MoveToOuterDisposeScope();
    }

    /// <summary>The weights <c>odds exp(-logit)</c>.</summary>
    internal static Tensor FromLogits(Tensor logits, double odds) => logits.neg().exp() * odds;

    /// <summary>A critic's verdict passed off as features, to run through it in batches and in evaluation mode.</summary>
    private sealed class Judged(IDomainCritic critic) : IFeatureExtractor, IComposite
    {
        public IReadOnlyList<object> Inner => [critic];

        public Tensor Extract(Tensor inputs)
        {
            using var scope = NewDisposeScope();
            return critic.Judge(inputs).reshape(-1, 1).MoveToOuterDisposeScope();
        }
    }
}
