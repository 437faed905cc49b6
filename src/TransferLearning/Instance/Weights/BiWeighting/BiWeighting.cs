using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// Bi-weighting (BIW): weights of source rows and weights of features, found in turn, under which the domains' means
/// agree.
/// </summary>
/// <remarks>
/// <para>
/// Minimizes <c>J(w, f) = sum_k f_k^2 g_k(w)^2 + gamma sum_k (f_k - 1)^2 + lambda/n sum_i (w_i - 1)^2</c> over
/// <c>w &gt;= 0</c> of mean 1 and f, where <c>g_k(w) = (1/n sum_i w_i x_ik - mean t_k) / s_k</c> is the gap of feature
/// k in standard deviations of all rows. For fixed w, <c>f_k = gamma / (gamma + g_k^2)</c>: a feature whose gap no
/// weighting of rows closes fades. For fixed f, w solves a quadratic program (accelerated projected gradients). J falls
/// from round to round.
/// </para>
/// <para>
/// Wan, Pan and Li 2011, "Bi-Weighting Domain Adaptation for Cross-Language Text Classification", iterate over both
/// kinds of weights after translation has put both languages into one feature space. That the weighted domains agree,
/// and that both kinds are found in turn, is theirs; this objective is our statement of it. No target label is used.
/// Costs <c>n d</c> an inner step.
/// </para>
/// </remarks>
public sealed record BiWeighting : IAdaptationStage
{
    private const int InnerSteps = 500;

    /// <summary>The strength lambda that holds instance weights at 1, positive. Default 0.1.</summary>
    [OptionRange(Above = 0)]
    public double InstancePenalty { get; init; } = 0.1;

    /// <summary>
    /// The squared gap gamma, in standard deviations, at which a feature has weight 1/2. Default 0.1: a gap of about a
    /// third.
    /// </summary>
    [OptionRange(Above = 0)]
    public double FeaturePenalty { get; init; } = 0.1;

    /// <summary>The most rounds. Default 20.</summary>
    [OptionRange(AtLeast = 1)]
    public int Rounds { get; init; } = 20;

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        RowChecks.Vectors(plan);
        var rows = plan.Embedded();
        return rows.WithRows(rows.RowShape, rows.RowType).WithWeights();
    }

    /// <inheritdoc />
    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(run);
        var embedded = state.Embedded();
        var domains = embedded.Domains;
        var found = Fit(domains.PooledSources().Inputs, domains.Target.Inputs, run.Context);
        var weights = run.FittedTensor("instances", () => found.Instances);
        EffectiveSampleSize.WarnIfSmall(weights, "the sources", run);
        var map = run.Fitted("features", () => new WeightedFeatures(found.Features));
        var mapped = embedded.Mapped(map);
        var parts = weights.split([.. domains.Sources.Select(source => source.Count)]);
        var bare = Array.FindIndex(parts, part => part.max().ToDouble() <= 0);
        if (bare >= 0)
        {
            throw new InvalidOperationException(
                $"no row of source {bare} has weight: raise InstancePenalty, or fit without this source."
            );
        }
        var weighted = mapped.Domains.Sources.Select((source, i) => source.WithWeights(run.Own(parts[i])));
        return mapped.With(new DomainSet([.. weighted], mapped.Domains.Target, mapped.Domains.LabeledTarget));
    }

    /// <summary>Finds the weights.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="context">Cancellation and progress; null for none.</param>
    /// <returns>Both kinds of weights, in the rows' dtype; the caller disposes them.</returns>
    public BiWeights Fit(Tensor source, Tensor target, FitContext? context = null)
    {
        Guard.Pair(source, target);
        Guard.Options(this);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (s, t) = (source.to(float64), target.to(float64));
        var spread = cat([s, t]).std([0L], unbiased: false);
        // A feature that never changes, but for rounding, has no gap.
        var isVaried = spread > cat([s, t]).abs().amax([0L]) * 1e-12;
        var unit = where(isVaried, spread, full_like(spread, double.PositiveInfinity));
        var (x, c) = (s / unit, (t / unit).mean([0L]));
        var (w, f) = (ones(s.shape[0], float64, s.device), ones_like(c));
        var values = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            context?.Report((double)round / Rounds);
            using var roundScope = NewDisposeScope();
            var next = Instances(x * f, c * f, w, context);
            var gaps = x.t().mv(next) / x.shape[0] - c;
            var features = FeaturePenalty / (FeaturePenalty + gaps.square());
            values.Add(Value(gaps, features, next));
            (w, f) = (next.MoveToOuterDisposeScope(), features.MoveToOuterDisposeScope());
            if (round > 0 && values[^2] - values[^1] <= 1e-9 * values[^2])
            {
                break;
            }
        }
        return new BiWeights(
            w.to(source.dtype).DetachFromDisposeScope(),
            f.to(source.dtype).DetachFromDisposeScope(),
            values
        );
    }

    private double Value(Tensor gaps, Tensor features, Tensor weights) =>
        (
            (features * gaps).square().sum()
            + (FeaturePenalty * (features - 1).square().sum())
            + (InstancePenalty * (weights - 1).square().mean())
        ).item<double>();

    // |1/n x'w - c|^2 + lambda/n |w - 1|^2 over weights of mean 1, by accelerated projected gradients (Beck and
    // Teboulle 2009), scaled by n/2.
    private Tensor Instances(Tensor x, Tensor c, Tensor start, FitContext? context)
    {
        double n = x.shape[0];
        var steepest = linalg.eigvalsh(n < x.shape[1] ? x.matmul(x.t()) : x.t().matmul(x)).max().item<double>();
        var rate = 1 / ((steepest / n) + InstancePenalty);
        var (w, ahead, momentum) = (start, start, 1.0);
        for (var step = 0; step < InnerSteps; step++)
        {
            context?.Cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var pull = x.mv((x.t().mv(ahead) / n) - c) + (InstancePenalty * (ahead - 1));
            var next = SimplexProjection.Of(ahead - (rate * pull), n);
            var nextMomentum = (1 + Math.Sqrt(1 + (4 * momentum * momentum))) / 2;
            var move = next - w;
            var isSettled = move.abs().max().item<double>() < 1e-10;
            ahead = (next + (move * ((momentum - 1) / nextMomentum))).MoveToOuterDisposeScope();
            (w, momentum) = (next.MoveToOuterDisposeScope(), nextMomentum);
            if (isSettled)
            {
                break;
            }
        }
        return w;
    }
}
