using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// Weights from a domain critic that is trained already, or beside the network: an adversary's, a logistic
/// regression's, a density ratio's.
/// </summary>
/// <remarks>
/// <para>
/// A critic's logit is <c>ln p(source | x) / p(target | x)</c>, so <c>w(x) = n/m exp(-logit)</c> estimates
/// <c>p_t(x) / p_s(x)</c> where it was trained on n source and m target rows; the odds are a factor of all weights
/// alike, and a domain's weights are divided by their mean (Bickel, Brückner and Scheffer 2007, "Discriminative
/// Learning for Differing Training and Test Distributions"; deep critics as in Sugiyama, Suzuki and Kanamori 2012). The
/// critic judges the rows of the stage: after a network, its features.
/// </para>
/// <para>
/// <see cref="IsBounded"/> gives IWAN's weights instead, <c>p(target | x)</c> divided by its mean over the rows (Zhang,
/// Ding, Li and Ogunbona 2018, "Importance Weighted Adversarial Nets for Partial Domain Adaptation", equations 7 and
/// 8). As weights of a step they follow a critic that is being trained beside the network: let a phase of its own move
/// that critic, and oppose the extractor by a second one. No gradient flows through them.
/// </para>
/// </remarks>
/// <param name="critic">The critic; it stays the caller's.</param>
/// <param name="odds">
/// The ratio n/m of source to target rows in its training, for weights of a step. Default 1, balanced batches.
/// </param>
public sealed class CriticWeighting(IDomainCritic critic, double odds = 1) : IInstanceWeighting, IRowWeights, IComposite
{
    private readonly IDomainCritic critic = critic ?? throw new ArgumentNullException(nameof(critic));

    /// <summary>
    /// Whether rows weigh by <c>p(target | x)</c>, relative to its mean over the domain or batch, instead of the ratio.
    /// The odds are no factor then. Default false.
    /// </summary>
    public bool IsBounded { get; init; }

    /// <inheritdoc />
    public IReadOnlyList<IPart> Inner => [critic];

    /// <inheritdoc />
    public Tensor Weigh(LabeledDomain source, UnlabeledDomain target, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(source);
        Guard.Positive(odds);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        var judged = BatchedPass.Over(source.Rows, new Judged(critic), device: PartDevice.Of(critic));
        var logits = judged.reshape(-1).to(source.Labels.device);
        return (IsBounded ? Weights(logits) : RelativeWeights.OfLogs(logits.neg())).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public Tensor Weigh(StepContext step, LabeledBatch batch)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(batch);
        Guard.Positive(odds);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return Weights(step.Judgment(critic, step.Features(batch))).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The weights <c>odds exp(-logit)</c>; logits beyond what the exponential of float32 can hold count as +-80.
    /// </summary>
    internal static Tensor FromLogits(Tensor logits, double odds) => logits.clamp(-80, 80).neg().exp() * odds;

    // ln p(target | x) = -softplus(logit): relative to its mean it is n softmax, which no logit overflows. Where all
    // are infinite, rows vanish alike.
    private Tensor Weights(Tensor logits) =>
        IsBounded
            ? nn.functional.softplus(logits).clamp_max(1e30).neg().softmax(0) * logits.shape[0]
            : FromLogits(logits, odds);

    /// <summary>
    /// A critic's verdict passed off as features, to run through it in batches and in evaluation mode.
    /// </summary>
    private sealed class Judged(IDomainCritic critic) : IFeatureExtractor, IComposite
    {
        public IReadOnlyList<IPart> Inner => [critic];

        public Tensor Extract(Tensor inputs)
        {
            using var scope = NewDisposeScope();
            return Verdict.Of(critic, inputs).unsqueeze(1).MoveToOuterDisposeScope();
        }
    }
}
