using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// What SymNets' classifiers minimize beside their labels: together they are the critic, source rows are to be the
/// source classifier's, target rows the target classifier's.
/// </summary>
/// <remarks>
/// <c>-mean_s w log sum_(c &lt;= C) p_c - mean_t log sum_(c &gt; C) p_c</c>, p the softmax over the 2 C scores of both
/// classifiers (Zhang, Tang, Jia and Tan 2019, "Domain-Symmetric Networks for Adversarial Domain Adaptation"). Source
/// rows weigh by their example weights; several sources count together as "source".
/// </remarks>
/// <param name="ofSource">The source classifier; the target classifier is the training's predictor.</param>
public sealed class SymmetricDiscrimination(ILabelPredictor ofSource) : IObjective
{
    private readonly ILabelPredictor ofSource = ofSource ?? throw new ArgumentNullException(nameof(ofSource));

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [ofSource];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return Of(
            cat([.. step.Sources.Select(source => JointScores.Of(step, ofSource, source))]),
            JointScores.Of(step, ofSource, step.Target),
            step.SourceWeights()
        );
    }

    /// <summary>The term from scores of both classifiers, the source classifier's first.</summary>
    /// <param name="source">Logits of source rows <c>[n, 2 C]</c>.</param>
    /// <param name="target">Logits of target rows <c>[m, 2 C]</c>.</param>
    /// <param name="weights">
    /// Weights of the source rows <c>[n]</c>, or null. The mean is over rows, not over weights.
    /// </param>
    /// <returns>A scalar, differentiable in the logits; the caller disposes it.</returns>
    public static Tensor Of(Tensor source, Tensor target, Tensor? weights = null)
    {
        Guard.AliveOrNull(weights);
        Guard.Pair(source, target);
        JointScores.Check(source);
        using var scope = NewDisposeScope();
        var own = JointScores.Halves(source).Source.logsumexp(1).neg();
        var other = JointScores.Halves(target).Target.logsumexp(1).neg();
        return (DomainAdversary.Mean(own, weights?.detach()) + other.mean()).MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
