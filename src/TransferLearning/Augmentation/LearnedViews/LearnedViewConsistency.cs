using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>
/// Target rows are to be read alike as they are and as a learned view shows them; the view, within its bounds, looks
/// for what is read otherwise.
/// </summary>
/// <remarks>
/// <c>1/n sum_i KL(p_i || q_i)</c>, p the probabilities of a row as it is, a constant, and q those of the row as the
/// view shows it, with <c>-lambda</c> times its gradient going to the view's parameters: the worst case of a family of
/// transformations, where <c>VirtualAdversarialTraining</c> has that of small steps (Miyato, Maeda, Koyama and Ishii
/// 2018). With <see cref="Cooperates"/> the view lowers the divergence as well.
/// </remarks>
/// <param name="view">The view.</param>
/// <param name="reversal">The factor lambda over progress, not negative. Default 1.</param>
public sealed class LearnedViewConsistency(ILearnedView view, Schedule? reversal = null) : IObjective
{
    private readonly ILearnedView view = view ?? throw new ArgumentNullException(nameof(view));
    private readonly Schedule reversal = reversal ?? 1;

    /// <summary>Whether the view lowers the divergence, too. Default false: it raises it.</summary>
    public bool Cooperates { get; init; }

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [view];

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return [.. plan.OfClasses(), .. plan.Target()];
    }

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return Of(
            step.Scores(step.Target),
            LearnedViewCrossEntropy.Seen(step, step.Target, view, reversal.At(step.Progress), Cooperates)
        );
    }

    /// <summary>The divergence of two readings of the same rows.</summary>
    /// <param name="scores">Logits of the rows as they are <c>[n, C]</c>; constants.</param>
    /// <param name="seen">Logits of the rows as the view shows them <c>[n, C]</c>.</param>
    /// <returns>A scalar, differentiable in the second; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores, Tensor seen)
    {
        Guard.Pair(scores, seen);
        using var scope = NewDisposeScope();
        var logs = scores.detach().log_softmax(1);
        return (logs.exp() * (logs - seen.log_softmax(1))).sum(1).mean().MoveToOuterDisposeScope();
    }
}
