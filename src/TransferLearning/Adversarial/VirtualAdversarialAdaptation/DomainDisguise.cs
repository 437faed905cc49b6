using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// Domains in disguise: the extractor minimizes the critic's loss with the labels exchanged, each domain is to pass for
/// the other.
/// </summary>
/// <remarks>
/// <c>mean_s w BCE(D(f_s), 0) + mean_t BCE(D(f_t), 1)</c>, the non-saturating counterpart of
/// <see cref="DomainAdversary"/> (Goodfellow et al. 2014, "Generative Adversarial Nets", section 3): where the critic
/// is sure, a reversed gradient is near 0 and this one is near its largest. It is what the authors of VADA train by;
/// they halve the sum. With <see cref="CriticLoss.LeastSquares"/> it is <c>D_s^2 + (D_t - 1)^2</c>, with
/// <see cref="CriticLoss.Hinge"/> <c>D_s - D_t</c>. A phase of its own teaches the critic. Source rows weigh by their
/// example weights; several sources count together as "source".
/// </remarks>
/// <param name="critic">The critic; a phase that minimizes this term does not move it.</param>
/// <param name="weights">Further weights of the source rows, or null.</param>
public sealed class DomainDisguise(IDomainCritic critic, IRowWeights? weights = null) : IObjective, IJudged
{
    private readonly IDomainCritic critic = critic ?? throw new ArgumentNullException(nameof(critic));

    /// <summary>What the critic minimizes in its own phase. Default <see cref="CriticLoss.CrossEntropy"/>.</summary>
    public CriticLoss Criterion { get; init; }

    IReadOnlyList<IPart> IJudged.Critics => [critic];

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => weights is null ? [critic] : [critic, weights];

    /// <inheritdoc />
    public BatchSplit Split => weights is null ? BatchSplit.Mean : BatchSplit.Gathered;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return Of(
            step.Judgment(critic, step.SourceFeatures()),
            step.Judgment(critic, step.Features(step.Target)),
            step.SourceWeights(weights),
            Criterion
        );
    }

    /// <summary>The term from the critic's logits.</summary>
    /// <param name="source">Logits of source rows <c>[n]</c>.</param>
    /// <param name="target">Logits of target rows <c>[m]</c>.</param>
    /// <param name="weights">
    /// Weights of the source rows <c>[n]</c>, or null. The mean is over rows, not over weights.
    /// </param>
    /// <param name="criterion">What the critic minimizes.</param>
    /// <returns>A scalar, differentiable in the logits; the caller disposes it.</returns>
    public static Tensor Of(
        Tensor source,
        Tensor target,
        Tensor? weights = null,
        CriticLoss criterion = CriticLoss.CrossEntropy
    )
    {
        Guard.Alive(source);
        Guard.Alive(target);
        Guard.AliveOrNull(weights);
        if (criterion != CriticLoss.Hinge)
        {
            return DomainAdversary.Loss(target, source, targetWeights: weights, criterion: criterion);
        }
        using var scope = NewDisposeScope();
        return (DomainAdversary.Mean(source, weights) - target.mean()).MoveToOuterDisposeScope();
    }
}
