using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.SelfTraining;

/// <summary>
/// SHOT's pseudo-labels: each target row is labeled by the nearest class centroid among the target's own features,
/// before every epoch anew.
/// </summary>
/// <remarks>
/// <para>
/// <c>1/n sum_i CE(z_i, y_i)</c>. Features get a further 1 and unit length; the centroid of class c is the mean of all
/// of them, weighted by their probabilities of c; <c>y_i</c> is the class of the nearest centroid by cosine; centroids
/// and labels are computed once more from these labels. A class that no row is read as has no centroid (Liang, Hu and
/// Feng 2020, "Do We Really Need to Access the Source Data? Source Hypothesis Transfer for Unsupervised Domain
/// Adaptation", equations 4 to 6, as in the authors' program). Goes with <see cref="InformationMaximization"/> in a
/// phase that moves the extractor alone, so that the predictor stays the source's.
/// </para>
/// <para>
/// Costs one pass over the target an epoch, with all features in memory. The labels are checkpointed. One object serves
/// one training at a time.
/// </para>
/// </remarks>
public sealed class CentroidPseudoLabels : IObjective, ITrainingHook
{
    private Tensor? labels; // int64 [m]

    /// <summary>
    /// How many rows must be read as a class for it to have a centroid, at least 1. Default 1; the authors raise it
    /// where the target lacks classes.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int LeastRows { get; init; } = 1;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var scores = step.Scores(step.Target);
        // The rehearsal has no target yet: any labels tell that the term reaches the network.
        var wanted = labels?.index_select(0, step.Target.Rows.to(labels.device)) ?? scores.detach().argmax(1);
        return CrossEntropy.Of(scores, wanted.to(scores.device));
    }

    /// <summary>The class of each row's nearest centroid.</summary>
    /// <param name="features">Features <c>[m, d]</c>.</param>
    /// <param name="scores">Their logits <c>[m, C]</c>.</param>
    /// <returns>Classes, int64 <c>[m]</c>; the caller disposes them.</returns>
    public Tensor Labels(Tensor features, Tensor scores)
    {
        Guard.Rows(features);
        Guard.Rows(scores);
        Guard.Options(this);
        if (features.shape[0] != scores.shape[0])
        {
            throw new ArgumentException(
                $"scores must be of the features' {features.shape[0]} rows; got {Shape.Of(scores)}.",
                nameof(scores)
            );
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var rows = RowLengths.Unit(cat([features, features.new_ones(features.shape[0], 1)], 1));
        var shares = scores.softmax(1);
        var read = scores.argmax(1);
        for (var round = 0; round < 2; round++)
        {
            var centroids = shares.t().matmul(rows) / (shares.sum(dim: [0L]).unsqueeze(1) + 1e-8);
            var counts = nn.functional.one_hot(read, scores.shape[1]).sum(dim: [0L]);
            var closeness = rows.matmul(RowLengths.Unit(centroids).t());
            // Where no class has rows enough, all have centroids.
            var isOut = counts.lt(LeastRows).logical_and(counts.max().ge(LeastRows));
            read = closeness.masked_fill(isOut, double.NegativeInfinity).argmax(1);
            shares = nn.functional.one_hot(read, scores.shape[1]).to(rows.dtype);
        }
        return read.MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnEpoch(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        using var scope = NewDisposeScope();
        var features = BatchedPass.Over(view.Domains.Target.Rows, view.Extractor.For(DomainId.Target));
        var next = Labels(features, view.Predictor.Predict(features)).DetachFromDisposeScope();
        labels?.Dispose();
        labels = next;
    }

    /// <inheritdoc />
    public void OnEnd()
    {
        labels?.Dispose();
        labels = null;
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("labels", ref labels);
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
