using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// SymNets' confusion on the target: rows are to be as much the source classifier's as the target classifier's, and to
/// be read surely by both together.
/// </summary>
/// <remarks>
/// <c>-mean_t (log sum_(c &lt;= C) p_c + log sum_(c &gt; C) p_c) / 2 + mean_t H(q)</c>, <c>q_c = p_c + p_(c + C)</c>, p
/// the softmax over the 2 C scores of both classifiers, H the entropy in nats (Zhang, Tang, Jia and Tan 2019,
/// "Domain-Symmetric Networks for Adversarial Domain Adaptation").
/// </remarks>
/// <param name="ofSource">The source classifier; a phase that minimizes this term moves the extractor alone.</param>
public sealed class SymmetricConfusion(ILabelPredictor ofSource) : IObjective
{
    private readonly ILabelPredictor ofSource = ofSource ?? throw new ArgumentNullException(nameof(ofSource));

    /// <summary>
    /// Whether the entropy is a part of it. Default true; the authors also publish figures without it.
    /// </summary>
    public bool HasEntropy { get; init; } = true;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [ofSource];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return Of(JointScores.Of(step, ofSource, step.Target), HasEntropy);
    }

    /// <summary>The term from scores of both classifiers, the source classifier's first.</summary>
    /// <param name="scores">Logits <c>[n, 2 C]</c>.</param>
    /// <param name="hasEntropy">Whether the entropy is a part of it.</param>
    /// <returns>A scalar, at least <c>log 2</c>, differentiable in the scores; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores, bool hasEntropy = true)
    {
        JointScores.Check(scores);
        using var scope = NewDisposeScope();
        var (source, target) = JointScores.Halves(scores);
        var confusion = (source.logsumexp(1) + target.logsumexp(1)).mean() / -2;
        if (!hasEntropy)
        {
            return confusion.MoveToOuterDisposeScope();
        }
        var classes = source.logaddexp(target);
        return (confusion - (classes.exp() * classes).sum(1).mean()).MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
