using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// DANN: a critic learns to tell the domains apart while reversed gradients teach the extractor to confuse it.
/// </summary>
/// <remarks>
/// The term is <c>mean_s w BCE(D(f_s), 1) + mean_t BCE(D(f_t), 0)</c>, source 1 and target 0, with <c>-lambda</c> times
/// its gradient going to the extractor (Ganin et al. 2016, "Domain-Adversarial Training of Neural Networks", equations
/// 9 and 10). Binary cross-entropy is computed from logits. Source rows weigh by their example weights; several sources
/// count together as "source". Another <see cref="Criterion"/> takes the cross-entropy's place.
/// </remarks>
/// <param name="critic">The critic; the phase moves it together with the extractor.</param>
/// <param name="reversal">The factor lambda over progress. Default the paper's ramp from 0 to 1, gamma 10.</param>
/// <param name="weights">Further weights of the source rows, or null.</param>
public sealed class DomainAdversary(IDomainCritic critic, Schedule? reversal = null, IRowWeights? weights = null)
    : IObjective,
        IJudged
{
    private readonly IDomainCritic critic = critic ?? throw new ArgumentNullException(nameof(critic));
    private readonly Schedule reversal = reversal ?? Schedule.SigmoidRamp();

    /// <summary>
    /// What the critic minimizes, and the extractor is opposed to. Default <see cref="CriticLoss.CrossEntropy"/>, the
    /// paper's.
    /// </summary>
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
        var features = cat([step.SourceFeatures(), step.Features(step.Target)]);
        var judged = step.Judgment(critic, GradientReversal.Apply(features, reversal.At(step.Progress)));
        var sources = step.Sources.Sum(batch => batch.Inputs.shape[0]);
        return Loss(
            judged.narrow(0, 0, sources),
            judged.narrow(0, sources, judged.shape[0] - sources),
            step.SourceWeights(weights),
            criterion: Criterion
        );
    }

    /// <summary>The critic's loss from its logits.</summary>
    /// <param name="source">Logits of source rows <c>[n]</c>.</param>
    /// <param name="target">Logits of target rows <c>[m]</c>.</param>
    /// <param name="sourceWeights">
    /// Weights of the source rows <c>[n]</c>, or null. The mean is over rows, not over weights.
    /// </param>
    /// <param name="targetWeights">Weights of the target rows <c>[m]</c>, or null.</param>
    /// <param name="criterion">What the critic minimizes.</param>
    /// <returns>A scalar; the caller disposes it.</returns>
    public static Tensor Loss(
        Tensor source,
        Tensor target,
        Tensor? sourceWeights = null,
        Tensor? targetWeights = null,
        CriticLoss criterion = CriticLoss.CrossEntropy
    )
    {
        Guard.Alive(source);
        Guard.Alive(target);
        Guard.AliveOrNull(sourceWeights);
        Guard.AliveOrNull(targetWeights);
        using var scope = NewDisposeScope();
        var (ofSource, ofTarget) = Rows(source, target, criterion);
        return (Mean(ofSource, sourceWeights) + Mean(ofTarget, targetWeights)).MoveToOuterDisposeScope();
    }

    /// <summary>What each row costs the critic.</summary>
    internal static (Tensor OfSource, Tensor OfTarget) Rows(Tensor source, Tensor target, CriticLoss criterion) =>
        criterion switch
        {
            // BCE of a logit z with label 0 is softplus(z), with label 1 softplus(-z).
            CriticLoss.CrossEntropy => (nn.functional.softplus(source.neg()), nn.functional.softplus(target)),
            CriticLoss.LeastSquares => ((source - 1).square(), target.square()),
            CriticLoss.Hinge => ((1 - source).clamp_min(0), (1 + target).clamp_min(0)),
            _ => throw new ArgumentOutOfRangeException(nameof(criterion), criterion, "is not a known critic loss."),
        };

    /// <summary>The mean of rows' losses by their weights, over rows and not over weights.</summary>
    internal static Tensor Mean(Tensor rows, Tensor? weights) =>
        (weights is null ? rows : rows * weights.to(rows.dtype)).mean();
}
