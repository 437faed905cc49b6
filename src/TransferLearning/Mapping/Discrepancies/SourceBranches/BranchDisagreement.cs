using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>MFSAN's second alignment: the sources' classifiers shall agree on the target.</summary>
/// <remarks>
/// <c>2 / (N (N - 1)) sum_{i &lt; j} mean |softmax(z_i) - softmax(z_j)|</c> over target rows and classes, z_i the
/// scores by branch i (Zhu, Zhuang and Wang 2019, equation 4). The authors' program takes the softmax of the branches'
/// features there, the paper that of the classifiers. With one source it is 0. Entries that agree have slope 0. The
/// predictor must be <see cref="SourceBranches"/>.
/// </remarks>
public sealed record BranchDisagreement : IObjective
{
    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        var branches = SourceBranches.Of(step);
        return Between([.. Enumerable.Range(0, branches.Count).Select(i => branches.Scores(step, step.Target, i))]);
    }

    /// <summary>The disagreement of some classifiers.</summary>
    /// <param name="scores">Each classifier's logits <c>[m, C]</c> for the same rows, at least one.</param>
    /// <returns>A scalar, differentiable in all; the caller disposes it.</returns>
    public static Tensor Between(params IReadOnlyList<Tensor> scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentOutOfRangeException.ThrowIfZero(scores.Count, nameof(scores));
        foreach (var some in scores)
        {
            Guard.Pair(scores[0], some, sourceName: nameof(scores), targetName: nameof(scores));
            if (some.shape[0] != scores[0].shape[0])
            {
                throw new ArgumentException(
                    $"all scores must be of the same rows; got {Shape.Of(scores[0])} and {Shape.Of(some)}.",
                    nameof(scores)
                );
            }
        }
        using var scope = NewDisposeScope();
        var probabilities = scores.Select(some => some.softmax(1)).ToList();
        var total = zeros([], scores[0].dtype, scores[0].device);
        for (var i = 0; i < scores.Count; i++)
        {
            for (var j = i + 1; j < scores.Count; j++)
            {
                total += (probabilities[i] - probabilities[j]).abs().mean();
            }
        }
        return (total / Math.Max(1, scores.Count * (scores.Count - 1) / 2)).MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
