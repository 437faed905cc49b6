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
/// count together as "source".
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

    IDomainCritic IJudged.Critic => critic;

    /// <inheritdoc />
    public IEnumerable<object> Parts => weights is null ? [critic] : [critic, weights];

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
            step.SourceWeights(weights)
        );
    }

    /// <summary>The critic's loss from its logits.</summary>
    /// <param name="source">Logits of source rows <c>[n]</c>.</param>
    /// <param name="target">Logits of target rows <c>[m]</c>.</param>
    /// <param name="sourceWeights">
    /// Weights of the source rows <c>[n]</c>, or null. The mean is over rows, not over weights.
    /// </param>
    /// <param name="targetWeights">Weights of the target rows <c>[m]</c>, or null.</param>
    /// <returns>A scalar; the caller disposes it.</returns>
    public static Tensor Loss(Tensor source, Tensor target, Tensor? sourceWeights = null, Tensor? targetWeights = null)
    {
        Guard.Alive(source);
        Guard.Alive(target);
        Guard.AliveOrNull(sourceWeights);
        Guard.AliveOrNull(targetWeights);
        using var scope = NewDisposeScope();
        return (Term(source.neg(), sourceWeights) + Term(target, targetWeights)).MoveToOuterDisposeScope();
    }

    // BCE of a logit z with label 0 is softplus(z), with label 1 softplus(-z).
    private static Tensor Term(Tensor logits, Tensor? weights)
    {
        var rows = nn.functional.softplus(logits);
        return (weights is null ? rows : rows * weights.to(rows.dtype)).mean();
    }
}
