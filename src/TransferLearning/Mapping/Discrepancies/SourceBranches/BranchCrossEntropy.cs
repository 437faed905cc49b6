using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>MFSAN's classification term: cross-entropy of each source by its own branch and classifier.</summary>
/// <remarks>
/// <c>1/N sum_j mean_i w_i CE(C_j(H_j(x_ji)), y_ji)</c>; the paper sums over the sources. A batch of labeled target
/// examples counts as one more source, read by the mean of the classifiers. The predictor must be
/// <see cref="SourceBranches"/>.
/// </remarks>
public sealed record BranchCrossEntropy : IObjective
{
    /// <summary>
    /// The share of every label that is spread evenly over all classes, from 0 to below 1. Default 0.
    /// </summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double LabelSmoothing { get; init; }

    /// <inheritdoc />
    public BatchSplit Split => BatchSplit.Mean;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        Internal.Guard.Options(this);
        var branches = SourceBranches.Of(step);
        Tensor Loss(LabeledBatch batch, Tensor scores) =>
            CrossEntropy.Of(scores, batch.Labels, batch.Weights, LabelSmoothing);
        var total = step
            .Sources.Select((source, i) => Loss(source, branches.Scores(step, source, i)))
            .Aggregate((sum, next) => sum + next);
        return step.Batch.LabeledTarget is { } few
            ? (total + Loss(few, step.Scores(few))) / (step.Sources.Count + 1)
            : total / step.Sources.Count;
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
