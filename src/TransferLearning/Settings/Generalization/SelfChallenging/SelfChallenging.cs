using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// RSC: cross-entropy with the features that the right class rests on most muted, so that others have to be learned.
/// </summary>
/// <remarks>
/// <para>
/// For features f and scores z of all labeled rows: the slope <c>g_i = d z_i,y / d f_i</c> is taken; of each row the
/// features whose slope is at least its <c>1 - FeatureShare</c> quantile are muted. Of the rows, those whose
/// probability of the right class falls the most (at least the <c>1 - RowShare</c> quantile of the fall) keep their
/// muting; the others are taken whole. The term is the cross-entropy of the scores for what is left (Huang, Wang, Xing
/// and Huang 2020, "Self-Challenging Improves Cross-Domain Generalization", equations 1 to 5, as DomainBed computes
/// them). Quantiles are linear between neighbors. The authors' own program mutes maps of places or channels; the
/// method's page says how.
/// </para>
/// <para>
/// It takes the place of the cross-entropy and costs two more passes of the predictor. Soft labels count as their
/// likeliest class where features are chosen. The labeled batches' means are averaged; rows are chosen among all.
/// </para>
/// </remarks>
public sealed record SelfChallenging : IObjective
{
    /// <summary>The share of each row's features that is muted, between 0 and 1. Default 1/3, DomainBed's.</summary>
    [OptionRange(Above = 0, Below = 1)]
    public double FeatureShare { get; init; } = 1.0 / 3;

    /// <summary>The share of rows that are muted, between 0 and 1. Default 1/3, DomainBed's.</summary>
    [OptionRange(Above = 0, Below = 1)]
    public double RowShare { get; init; } = 1.0 / 3;

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) => plan.OfClasses();

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        LabeledBatch[] batches = [.. step.Labeled];
        long[] counts = [.. batches.Select(batch => batch.Inputs.shape[0])];
        var features = batches.Length == 1 ? step.Features(batches[0]) : cat([.. batches.Select(step.Features)]);
        Tensor kept;
        using (no_grad())
        {
            var classes = batches.Select(batch =>
                batch.Labels.is_floating_point() ? batch.Labels.argmax(1) : batch.Labels
            );
            kept = Kept(features, cat([.. classes]), step.Predictor.Predict, FeatureShare, RowShare);
        }
        var scores = step.Predictor.Predict(features * kept).split(counts);
        return stack([.. batches.Zip(scores, (batch, own) => CrossEntropy.Of(own, batch.Labels, batch.Weights))])
            .mean();
    }

    /// <summary>Which features of which rows are kept.</summary>
    /// <param name="features">Features <c>[n, d]</c>; taken as constants.</param>
    /// <param name="labels">Class numbers, int64 <c>[n]</c>.</param>
    /// <param name="predict">The predictor, features to logits <c>[n, C]</c>.</param>
    /// <param name="featureShare">The share of each row's features that is muted.</param>
    /// <param name="rowShare">The share of rows that are muted.</param>
    /// <returns>1 for kept and 0 for muted, <c>[n, d]</c> of the features' dtype; the caller disposes it.</returns>
    public static Tensor Kept(
        Tensor features,
        Tensor labels,
        Func<Tensor, Tensor> predict,
        double featureShare = 1.0 / 3,
        double rowShare = 1.0 / 3
    )
    {
        Guard.Rows(features);
        Guard.Alive(labels);
        ArgumentNullException.ThrowIfNull(predict);
        Guard.InRange(featureShare, 0, 1);
        Guard.InRange(rowShare, 0, 1);
        using var scope = NewDisposeScope();
        Tensor slopes,
            whole;
        using (enable_grad())
        {
            var rows = features.detach().requires_grad_();
            var scores = predict(rows);
            var right = (RowLabels.Of(labels, scores) * scores).sum();
            slopes = right.requires_grad
                ? autograd.grad([right], [rows])[0]
                : throw new ArgumentException("the predictor's scores do not depend on the features.", nameof(predict));
            whole = Right(scores.detach(), labels);
        }
        using var quiet = no_grad();
        var kept = slopes.lt(Quantile(slopes, 1 - featureShare));
        var fall = whole - Right(predict(features.detach() * kept.to(features.dtype)), labels);
        var isWhole = fall.lt(Quantile(fall.unsqueeze(0), 1 - rowShare).squeeze(0));
        return kept.logical_or(isWhole.unsqueeze(1)).to(features.dtype).MoveToOuterDisposeScope();
    }

    private static Tensor Right(Tensor scores, Tensor labels) =>
        scores.softmax(1).gather(1, labels.unsqueeze(1)).squeeze(1);

    // Of each row, linear between neighbors, [n, 1].
    private static Tensor Quantile(Tensor rows, double at)
    {
        var place = at * (rows.shape[1] - 1);
        var (below, share) = ((long)Math.Floor(place), place - Math.Floor(place));
        var (sorted, _) = rows.sort(1);
        var above = Math.Min(below + 1, rows.shape[1] - 1);
        return (sorted.narrow(1, below, 1) * (1 - share)) + (sorted.narrow(1, above, 1) * share);
    }
}
