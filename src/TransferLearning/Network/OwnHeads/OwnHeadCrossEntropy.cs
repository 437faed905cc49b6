using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>The classification term of own heads: cross-entropy of each source by its own head.</summary>
/// <remarks>
/// <c>1/N sum_j mean_i w_i CE(H_j(F(x_ji)), y_ji)</c> over the N sources; each head moves by its own source, the shared
/// layers by all (Huang et al. 2013). A batch of labeled target examples counts as one more source, and goes to the
/// head behind those of the sources. The predictor must be <see cref="OwnHeads"/>.
/// </remarks>
public sealed record OwnHeadCrossEntropy : IObjective
{
    /// <summary>
    /// The share of every label that is spread evenly over all classes, from 0 to below 1. Default 0; heads that know
    /// some classes alone take none.
    /// </summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double LabelSmoothing { get; init; }

    /// <inheritdoc />
    public BatchSplit Split => BatchSplit.Mean;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        Guard.Options(this);
        var heads = OwnHeads.Of(step);
        var batches = step.Labeled.ToList();
        var needed = step.Sources.Count + (step.Batch.LabeledTarget is null ? 0 : 1);
        if (heads.Count < needed)
        {
            throw new ArgumentException(
                $"the predictor has {heads.Count} head(s) for {step.Sources.Count} source(s)"
                    + (needed > step.Sources.Count ? " and labeled target rows; give it one for each." : "; one each."),
                nameof(step)
            );
        }
        if (heads.Reading >= needed)
        {
            throw new ArgumentException(
                $"head {heads.Reading} reads, and this fit trains heads 0 to {needed - 1} alone: take heads.By(...) of "
                    + "one of these, or give labeled target rows.",
                nameof(step)
            );
        }
        if (LabelSmoothing > 0 && Enumerable.Range(0, needed).Any(head => heads.Known(head) is not null))
        {
            throw new ArgumentException(
                "LabelSmoothing spreads labels over all classes, and a head knows some of them alone: set it to 0.",
                nameof(step)
            );
        }
        var losses = batches.Select(
            (batch, head) =>
                CrossEntropy.Of(heads.Scores(step, batch, head), batch.Labels, batch.Weights, LabelSmoothing)
        );
        return stack([.. losses]).mean();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
