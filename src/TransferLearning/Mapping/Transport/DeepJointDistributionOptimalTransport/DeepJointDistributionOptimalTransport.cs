using TransferLearning.Internal;
using TransferLearning.Kernels;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// DeepJDOT: the cost of carrying source features and labels to target features and predictions by the cheapest plan.
/// </summary>
/// <remarks>
/// <c>min_G sum_ij G_ij (a ||f_i - f_j||^2 + b CE(z_j, y_i))</c> over plans G with uniform margins, for features f,
/// target logits z and source labels y (Damodaran, Kellenberger, Flamary, Tuia and Courty 2018, "DeepJDOT: Deep Joint
/// Distribution Optimal Transport for Unsupervised Domain Adaptation", equation 6). Batches have one size, so that an
/// optimal plan is a pairing, found exactly by the Hungarian method. The plan is held fixed for the gradient, as the
/// envelope theorem allows. Costs <c>n^2 (d + C)</c>, and n^3 on the CPU, to which the costs are copied in each step.
/// </remarks>
public sealed record DeepJointDistributionOptimalTransport : IObjective
{
    /// <summary>The factor a of the features' squared distance. Default 0.001, the paper's; SKADA takes 0.1.</summary>
    [OptionRange(AtLeast = 0)]
    public double FeatureWeight { get; init; } = 0.001;

    /// <summary>The factor b of the cross-entropy. Default 0.0001, the paper's; SKADA takes 1.</summary>
    [OptionRange(AtLeast = 0)]
    public double LabelWeight { get; init; } = 0.0001;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        if (step.Sources.Any(source => source.Weights is not null))
        {
            throw new ArgumentException(
                "pairs rows one to one, each of the same mass, and cannot use the source's example weights: take them "
                    + "away, or map by OptimalTransport, whose masses they are.",
                nameof(step)
            );
        }
        var (target, scores) = (step.Features(step.Target), step.Scores(step.Target));
        return step.Sources.Select(source => Between(step.Features(source), source.Labels, target, scores))
                .Aggregate((sum, next) => sum + next) / step.Sources.Count;
    }

    /// <summary>The cost of one pair of batches.</summary>
    /// <param name="source">Source features <c>[n, d]</c>.</param>
    /// <param name="labels">Their class numbers <c>[n]</c>, or class probabilities <c>[n, C]</c>.</param>
    /// <param name="target">Target features <c>[n, d]</c>.</param>
    /// <param name="scores">Their logits <c>[n, C]</c>.</param>
    /// <returns>
    /// A scalar, differentiable in the features and the logits, not finite where one of the costs is not; the caller
    /// disposes it.
    /// </returns>
    public Tensor Between(Tensor source, Tensor labels, Tensor target, Tensor scores)
    {
        Guard.Pair(source, target);
        Guard.Rows(scores);
        Guard.Alive(labels);
        Guard.Options(this);
        if (source.shape[0] != target.shape[0])
        {
            throw new ArgumentException(
                $"source and target must be batches of one size; got {source.shape[0]} and {target.shape[0]} rows.",
                nameof(target)
            );
        }
        using var scope = NewDisposeScope();
        var truth = labels.is_floating_point() ? labels : nn.functional.one_hot(labels, scores.shape[1]);
        var ofLabels = truth.to(scores.dtype).matmul(nn.functional.log_softmax(scores, 1).t()) * -LabelWeight;
        var costs = (SquaredDistances.Between(source, target) * FeatureWeight) + ofLabels;
        if (!costs.detach().isfinite().all().item<bool>())
        {
            return costs.mean().MoveToOuterDisposeScope(); // no pairing is the cheapest; training stops at this loss
        }
        var columns = Assignment.Of(costs).unsqueeze(1);
        return costs.gather(1, columns).mean().MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => [.. plan.OfClasses(), .. plan.EqualBatches()];
}
