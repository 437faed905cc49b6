using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// MTLF: learns instance weights and a Mahalanobis distance together, for nearest neighbors in the target.
/// </summary>
/// <remarks>
/// <para>
/// Descends <c>lambda/n ||w - w0||^2 + beta mean_ij delta_ij w_i w_j ||A (x_i - x_j)||^2</c> from A = I and w = w0,
/// where <c>delta_ij</c> is 1 for pairs of one class and -1 for others, over the source and, where there are any,
/// labeled target rows, whose weight stays 1; <c>tr(A'A) = d</c>; <c>w &gt;= 0</c> has mean 1 on the source; <c>w0</c>
/// is a density ratio (Xu, Pan, Xiong, Wu, Luo, Min and Song 2017, "A Unified Framework for Metric Transfer Learning",
/// with the nearest-neighbor predictor).
/// </para>
/// <para>
/// Where we differ: the paper adds <c>tr(A'A)</c> and penalties for w's constraints to the objective, which then has no
/// lower bound in A; here both are kept by projection, as the scale of A means nothing to neighbors. Rows are scaled to
/// a mean squared distance of 1 and sums are means, so that settings do not depend on units and counts. The number of
/// steps decides how far the distance is bent: in the end A has a single direction. Of more pairs than
/// <see cref="MaxPairs"/> so many are drawn, half of one class. Costs <c>p d^2 + d^3</c> a step for p pairs.
/// </para>
/// </remarks>
public sealed record MetricTransfer : IAdaptationStage
{
    /// <summary>How w0 is found. Default RuLSIF with a relative share of 0.1.</summary>
    public IInstanceWeighting Start { get; init; } = new LeastSquaresImportanceFitting { RelativeShare = 0.1 };

    /// <summary>The factor beta of the pairs' term, positive. Default 1.</summary>
    [OptionRange(Above = 0)]
    public double PairWeight { get; init; } = 1;

    /// <summary>The strength lambda that holds weights at w0, not negative. Default 100, the authors'.</summary>
    [OptionRange(AtLeast = 0)]
    public double WeightPenalty { get; init; } = 100;

    /// <summary>How many steps are taken in A and w each. Default 100.</summary>
    [OptionRange(AtLeast = 1)]
    public int Steps { get; init; } = 100;

    /// <summary>
    /// The length of a step in A, positive; in w it is <c>n / max(1, lambda)</c> times as long. Default 0.01.
    /// </summary>
    [OptionRange(Above = 0)]
    public double Rate { get; init; } = 0.01;

    /// <summary>The most pairs. Default 10,000.</summary>
    [OptionRange(AtLeast = 2)]
    public int MaxPairs { get; init; } = 10_000;

    /// <summary>How many neighbors decide. Default 1, the authors'.</summary>
    [OptionRange(AtLeast = 1)]
    public int Neighbors { get; init; } = 1;

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        RowChecks.Vectors(plan);
        RowChecks.Classes(plan);
        return plan.WithFittedPredictor();
    }

    /// <inheritdoc />
    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(run);
        var embedded = state.Embedded();
        var domains = embedded.Domains;
        var neighbors = run.Fitted(
            "neighbors",
            () => Fit(domains.PooledSources(), domains.Target, domains.LabeledTarget, run.Context)
        );
        return embedded.With(null, neighbors);
    }

    /// <summary>Learns weights and distance.</summary>
    /// <param name="source">Source rows <c>[n, d]</c> with class labels.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="few">Labeled target rows, or null.</param>
    /// <param name="context">Randomness (pairs, start), cancellation and progress; null for seed 0.</param>
    /// <returns>The predictor with what was learned; the caller disposes it.</returns>
    public MetricNeighbors Fit(
        LabeledDomain source,
        UnlabeledDomain target,
        LabeledDomain? few = null,
        FitContext? context = null
    )
    {
        ArgumentNullException.ThrowIfNull(target);
        ClassErrors.Check([source], few ?? source);
        Guard.Pair(source.Inputs, target.Inputs, sourceName: nameof(source), targetName: nameof(target));
        Guard.Options(this);
        var run = context ?? new FitContext();
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (n, d) = ((double)source.Count, (double)source.Inputs.shape[1]);
        var all = few is null ? source : DomainPool.Labeled([source.WithWeights(null), few.WithWeights(null)]);
        var pairs = LabeledPairs.Of(all.Labels, MaxPairs, run.Key.Child(0));
        var rows = all.Inputs.to(float64);
        var apart = rows.index_select(0, pairs.First) - rows.index_select(0, pairs.Second);
        apart /= apart.square().sum(1).mean().clamp_min(1e-300).sqrt();
        var made = Start.Weigh(source, target, run with { Key = run.Key.Child(1) });
        var started = RelativeWeights.Made(made, Start).to(float64);
        var start = started / started.mean();
        var (matrix, weights) = (eye((long)d, dtype: float64, device: rows.device), start);
        // The weights' slope is of the order 1/n and steeper the larger the penalty; so is its step in proportion.
        var rate = Rate / Math.Max(1, WeightPenalty);
        for (var step = 0; step < Steps; step++)
        {
            run.Report((double)step / Steps);
            using var stepScope = NewDisposeScope();
            var everyone = few is null ? weights : cat([weights, ones(few.Count, float64, rows.device)]);
            var (ofFirst, ofSecond) = (everyone.index_select(0, pairs.First), everyone.index_select(0, pairs.Second));
            var scatter = apart.t().matmul(apart * (pairs.Sign * ofFirst * ofSecond).unsqueeze(1)) / apart.shape[0];
            var moved = matrix - (2 * Rate * PairWeight * d * matrix.matmul(scatter));
            var nextMatrix = moved * (Math.Sqrt(d) / moved.norm());
            var lengths = pairs.Sign * apart.matmul(nextMatrix.t()).square().sum(1) / apart.shape[0];
            var pull = zeros_like(everyone);
            pull.index_add_(0, pairs.First, ofSecond * lengths, 1);
            pull.index_add_(0, pairs.Second, ofFirst * lengths, 1);
            var slope = (2 * WeightPenalty * (weights - start)) + (PairWeight * n * pull.narrow(0, 0, source.Count));
            weights = SimplexProjection.Of(weights - (rate * slope), n).MoveToOuterDisposeScope();
            matrix = nextMatrix.MoveToOuterDisposeScope();
        }
        var kept = few is null ? weights : cat([weights, ones(few.Count, float64, rows.device)]);
        var mapped = new LabeledDomain(
            all.Inputs.matmul(matrix.t().to(all.Inputs.dtype)),
            all.Labels,
            kept.to(all.Inputs.dtype),
            all.Space
        );
        var voters = new NearestNeighbor(Neighbors).Fit(mapped);
        return new MetricNeighbors(voters, matrix.to(source.Inputs.dtype), weights.to(source.Inputs.dtype));
    }
}
