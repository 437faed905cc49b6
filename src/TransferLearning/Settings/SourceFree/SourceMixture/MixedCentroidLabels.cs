using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// DECISION's pseudo-labels: each target row is labeled by the nearest class centroid in the mixture of several source
/// models' features.
/// </summary>
/// <remarks>
/// <para>
/// <c>1/n sum_i CE(z_i, y_i)</c> with z the scores of a <see cref="SourceMixture"/>. Before every epoch each source
/// model's features of all target rows get a further 1 and unit length, and its class centroids are computed as in
/// SHOT: weighted by its own probabilities, then from the rows nearest to them by cosine. In a step,
/// <c>y_i = argmin_c || sum_k w_k f_ki - sum_k w_k m_kc ||</c> by the mixture's shares w of that step (Ahmed,
/// Raychaudhuri, Paul, Oymak and Roy-Chowdhury 2021, "Unsupervised Multi-source Domain Adaptation Without Access to
/// Source Data", equations 5 to 8, as in the authors' program). Where a source model reads no row as a class, its
/// centroid is that of the probabilities.
/// </para>
/// <para>
/// Features of all target rows by all source models are remembered, <c>m K (d + 1)</c> numbers; they and the centroids
/// are checkpointed. Costs one pass over the target an epoch. One object serves one training at a time.
/// </para>
/// </remarks>
public sealed class MixedCentroidLabels : IObjective, ITrainingHook
{
    private Tensor? features; // [K, m, d + 1]
    private Tensor? centroids; // [K, C, d + 1]

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        string[] own =
            plan.Current is not NetworkTraining training || training.Predictor is ITrainable { Module: SourceMixture }
                ? []
                :
                [
                    $"needs a {nameof(SourceMixture)} as the predictor; it is a "
                        + $"{training.Predictor.GetType().Name}.",
                ];
        return [.. plan.OfClasses(), .. own];
    }

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var scores = step.Scores(step.Target);
        return CrossEntropy.Of(scores, Wanted(step, scores));
    }

    /// <summary>The class centroids of one source model.</summary>
    /// <param name="features">Features <c>[m, d]</c>.</param>
    /// <param name="scores">Their logits <c>[m, C]</c>.</param>
    /// <returns>
    /// The rows with a further 1 and of unit length <c>[m, d + 1]</c>, and the centroids <c>[C, d + 1]</c>; the caller
    /// disposes them.
    /// </returns>
    public static (Tensor Rows, Tensor Centroids) Centroids(Tensor features, Tensor scores)
    {
        Guard.Rows(features);
        Guard.Rows(scores);
        if (features.shape[0] != scores.shape[0])
        {
            throw new ArgumentException(
                $"scores must be of the features' {features.shape[0]} rows; got {Shape.Of(scores)}.",
                nameof(scores)
            );
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var rows = RowLengths.Unit(cat([features, features.new_ones(features.shape[0], 1)], 1).detach());
        Tensor Means(Tensor shares) => shares.t().matmul(rows) / (shares.sum(dim: [0L]).unsqueeze(1) + 1e-8);
        var soft = Means(scores.detach().softmax(1).to(rows.dtype));
        var read = rows.matmul(RowLengths.Unit(soft).t()).argmax(1);
        var shares = nn.functional.one_hot(read, scores.shape[1]).to(rows.dtype);
        var isRead = shares.sum(dim: [0L]).gt(0).unsqueeze(1);
        return (rows.MoveToOuterDisposeScope(), where(isRead, Means(shares), soft).MoveToOuterDisposeScope());
    }

    /// <summary>The nearest centroid of each row in a mixture of source models.</summary>
    /// <param name="features">Rows of each model <c>[K, n, d]</c>.</param>
    /// <param name="centroids">Class centroids of each model <c>[K, C, d]</c>.</param>
    /// <param name="shares">The models' shares <c>[K]</c>.</param>
    /// <returns>Classes, int64 <c>[n]</c>; the caller disposes them.</returns>
    public static Tensor Nearest(Tensor features, Tensor centroids, Tensor shares)
    {
        Guard.Alive(features);
        Guard.Alive(centroids);
        Guard.Alive(shares);
        if (
            features.dim() != 3
            || centroids.dim() != 3
            || centroids.shape[0] != features.shape[0]
            || centroids.shape[2] != features.shape[2]
            || !shares.shape.SequenceEqual([features.shape[0]])
        )
        {
            throw new ArgumentException(
                $"centroids [K, C, d] and shares [K] must be of the features' models; got {Shape.Of(features)}, "
                    + $"{Shape.Of(centroids)} and {Shape.Of(shares)}.",
                nameof(centroids)
            );
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var own = shares.to(features.dtype).reshape(-1, 1, 1);
        return cdist((features * own).sum([0L]), (centroids * own).sum([0L])).argmin(1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnEpoch(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        using var scope = NewDisposeScope();
        var mixture = Mixture(view.Predictor);
        var all = BatchedPass.Over(view.Domains.Target.Rows, view.Extractor.For(DomainId.Target));
        var each = mixture.Features(all).Select((own, k) => Centroids(own, mixture.Scores(k, own))).ToList();
        Forget();
        features = stack([.. each.Select(model => model.Rows)]).DetachFromDisposeScope();
        centroids = stack([.. each.Select(model => model.Centroids)]).DetachFromDisposeScope();
    }

    /// <inheritdoc />
    public void OnEnd() => Forget();

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("features", ref features);
        state.Slot("centroids", ref centroids);
    }

    private Tensor Wanted(StepContext step, Tensor scores)
    {
        if (features is null || centroids is null)
        {
            // The rehearsal has no target yet: any labels tell that the term reaches the network.
            return scores.detach().argmax(1);
        }
        var rows = features.index_select(1, step.Target.Rows.to(features.device));
        using var quiet = no_grad();
        var shares = Mixture(step.Predictor).Shares().to(features.device);
        return Nearest(rows, centroids, shares).to(scores.device);
    }

    private static SourceMixture Mixture(ILabelPredictor predictor) =>
        predictor is ITrainable { Module: SourceMixture mixture }
            ? mixture
            : throw new ArgumentException(
                $"the predictor must be a {nameof(SourceMixture)}; it is a {predictor.GetType().Name}.",
                nameof(predictor)
            );

    private void Forget()
    {
        features?.Dispose();
        centroids?.Dispose();
        (features, centroids) = (null, null);
    }
}
