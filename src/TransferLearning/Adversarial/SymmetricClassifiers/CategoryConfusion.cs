using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// SymNets' confusion on the source: a row's class is to be as likely by the source classifier as by the target
/// classifier, so that domains meet class by class.
/// </summary>
/// <remarks>
/// <c>-mean_s w (log p_y + log p_(y + C)) / 2</c>, p the softmax over the 2 C scores of both classifiers (Zhang, Tang,
/// Jia and Tan 2019, "Domain-Symmetric Networks for Adversarial Domain Adaptation"). Source rows weigh by their example
/// weights; the sources' means are averaged. Labels may be class probabilities.
/// </remarks>
/// <param name="ofSource">The source classifier; a phase that minimizes this term moves the extractor alone.</param>
public sealed class CategoryConfusion(ILabelPredictor ofSource) : IObjective
{
    private readonly ILabelPredictor ofSource = ofSource ?? throw new ArgumentNullException(nameof(ofSource));

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [ofSource];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var losses = step.Sources.Select(source =>
            Of(JointScores.Of(step, ofSource, source), source.Labels, source.Weights)
        );
        return stack([.. losses]).mean();
    }

    /// <summary>The term from scores of both classifiers, the source classifier's first.</summary>
    /// <param name="scores">Logits <c>[n, 2 C]</c>.</param>
    /// <param name="labels">Class numbers, int64 <c>[n]</c>, or class probabilities <c>[n, C]</c>.</param>
    /// <param name="weights">Row weights <c>[n]</c>, or null. The mean is over rows, not over weights.</param>
    /// <returns>A scalar, at least <c>log 2</c>, differentiable in the scores; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores, Tensor labels, Tensor? weights = null)
    {
        Guard.Alive(labels);
        Guard.AliveOrNull(weights);
        JointScores.Check(scores);
        using var scope = NewDisposeScope();
        var (source, target) = JointScores.Halves(scores);
        var both = (source + target) / 2;
        if (!Fits(both, labels))
        {
            throw new ArgumentException(
                $"labels must be class numbers [{both.shape[0]}] or probabilities {Shape.Text(both.shape)}; "
                    + $"got {Shape.Of(labels)}.",
                nameof(labels)
            );
        }
        var rows = labels.is_floating_point()
            ? (both * labels.to(both.dtype)).sum(1).neg()
            : both.gather(1, labels.unsqueeze(1)).squeeze(1).neg();
        return DomainAdversary.Mean(rows, weights?.detach()).MoveToOuterDisposeScope();
    }

    private static bool Fits(Tensor scores, Tensor labels) =>
        labels.is_floating_point()
            ? labels.shape.SequenceEqual(scores.shape)
            : labels.dim() == 1 && labels.shape[0] == scores.shape[0];

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
