using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.SelfTraining;

/// <summary>
/// BNM: the target batch's matrix of predictions is to have a large nuclear norm, which makes predictions sure and
/// diverse at once.
/// </summary>
/// <remarks>
/// <c>-||P||_* / min(n, C)</c> for <c>P = softmax(z)</c>, <c>[n, C]</c>: minus the mean of its singular values (Cui,
/// Wang, Zhuo, Li, Huang and Tian 2020, "Toward Discriminability and Diversity: Batch Nuclear-norm Maximization",
/// equation 9, divided as in the authors' program). The fast form (FBNM, Cui et al. 2021) takes the largest
/// <c>min(n, C)</c> lengths of the columns of P in place of the singular values, and needs no decomposition.
/// </remarks>
public sealed record BatchNuclearNorm : IObjective
{
    /// <summary>Whether column lengths take the singular values' place. Default false.</summary>
    public bool IsFast { get; init; }

    /// <summary>
    /// Whether the norm is divided by the number of rows n in place of <c>min(n, C)</c>, as in the paper and in
    /// pytorch-adapt. Default false, the authors' program.
    /// </summary>
    public bool IsPerRow { get; init; }

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return Of(step.Scores(step.Target), IsFast, IsPerRow);
    }

    /// <summary>The loss of some predictions.</summary>
    /// <param name="scores">Logits <c>[n, C]</c>.</param>
    /// <param name="isFast">Whether column lengths take the singular values' place.</param>
    /// <param name="isPerRow">Whether the norm is divided by n.</param>
    /// <returns>A scalar below 0, differentiable in the scores; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores, bool isFast = false, bool isPerRow = false)
    {
        Guard.Alive(scores);
        if (scores.dim() != 2)
        {
            throw new ArgumentException($"scores must be logits [n, C]; got {Shape.Of(scores)}.", nameof(scores));
        }
        using var scope = NewDisposeScope();
        var p = scores.softmax(1);
        var least = Math.Min(p.shape[0], p.shape[1]);
        var values = isFast ? p.norm(0).topk((int)least).values : linalg.svdvals(p);
        return (values.sum().neg() / (isPerRow ? p.shape[0] : least)).MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
