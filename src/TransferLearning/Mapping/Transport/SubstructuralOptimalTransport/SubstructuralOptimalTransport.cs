using TransferLearning.Internal;
using TransferLearning.Kernels;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// SOT: transport between the parts of classes and the parts of the target, finer than classes and coarser than rows.
/// </summary>
/// <remarks>
/// <para>
/// Lu, Chen, Wang and Qin 2021, "Cross-domain Activity Recognition via Substructural Optimal Transport". Each source
/// class is split into the parts of a Gaussian mixture with diagonal covariances, as many as Schwarz's criterion still
/// likes; the target, without labels, into <see cref="TargetParts"/>. With C the squared distances between the parts'
/// means over their median (over their mean where most are 0), target parts weigh the same, b_j, and each sends its
/// weight to the source parts that it is near, <c>a_i = sum_j b_j exp(-C_ij / w) / sum_k exp(-C_kj / w)</c> (transport
/// without the source's marginal, in closed form): parts that the target lacks get little.
/// <see cref="ClassSparseTransport"/> then moves the source parts by these weights to the target's, and every target
/// part takes the class of the nearest moved one. Rows take their part's class, and the learner is fitted to them.
/// </para>
/// <para>
/// Rows in a part stand together against noise, and the plan is small: costs <c>n k d</c> a round of the mixtures, and
/// a plan of the parts. Source weights weigh the rows in the mixtures.
/// </para>
/// </remarks>
/// <param name="learner">Learns on the target rows; null for <see cref="NearestNeighbor"/>.</param>
public sealed class SubstructuralOptimalTransport(ILabelLearner? learner = null) : IAdaptationStage
{
    private readonly ILabelLearner learner = learner ?? new NearestNeighbor();

    /// <summary>The most parts of a source class, at least 1. Default 10.</summary>
    [OptionRange(AtLeast = 1)]
    public int MaxPartsPerClass { get; init; } = 10;

    /// <summary>
    /// How many parts the target has, at least 1; null for half of its rows, at most 200. Rows that coincide make
    /// fewer. Default null.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int? TargetParts { get; init; }

    /// <summary>The width w of the source parts' weights, in medians of the costs, positive. Default 0.1.</summary>
    [OptionRange(Above = 0)]
    public double WeightRegularization { get; init; } = 0.1;

    /// <summary>The factor of the plan's entropy, in medians of the costs, positive. Default 0.1.</summary>
    [OptionRange(Above = 0)]
    public double Regularization { get; init; } = 0.1;

    /// <summary>The factor of the plan's class penalty, not negative. Default 0.1.</summary>
    [OptionRange(AtLeast = 0)]
    public double ClassRegularization { get; init; } = 0.1;

    bool IAdaptationStage.TakesLabeledTarget => false;

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        RowChecks.Vectors(plan);
        RowChecks.Classes(plan);
        plan.AddFaults(Limit.Faults(Parts(plan.Domains.Target.Count)));
        return plan.WithFittedPredictor();
    }

    /// <inheritdoc />
    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(run);
        var embedded = state.Embedded();
        var domains = embedded.Domains;
        using var scope = NewDisposeScope();
        return embedded.With(
            null,
            run.Fitted("predictor", () => Fit(domains.PooledSources(), domains.Target.Inputs, run.Context))
        );
    }

    /// <summary>Fits the predictor to the target rows with the classes of their parts.</summary>
    /// <param name="source">Source rows <c>[n, d]</c> with classes.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="context">Randomness, cancellation and progress; null for seed 0.</param>
    /// <returns>The learner's predictor; the caller disposes it where it is disposable.</returns>
    public ILabelPredictor Fit(LabeledDomain source, Tensor target, FitContext? context = null)
    {
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        return learner.Fit(new LabeledDomain(target, Labels(source, target, context), space: source.Space));
    }

    private Limit Parts(long rows) => new(nameof(TargetParts), TargetParts, rows, "the number of target rows");

    /// <summary>The classes of the target rows.</summary>
    /// <param name="source">Source rows <c>[n, d]</c> with classes.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="context">Randomness, cancellation and progress; null for seed 0.</param>
    /// <returns>Class numbers, int64 <c>[m]</c>; the caller disposes them.</returns>
    public Tensor Labels(LabeledDomain source, Tensor target, FitContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        Guard.Pair(source.Inputs, target, sourceName: nameof(source), targetName: nameof(target));
        ClassLabels.Check(source);
        Guard.Options(this);
        Limit.Keep(Parts(target.shape[0]));
        var count = TargetParts ?? Math.Clamp(target.shape[0] / 2, 1, 200);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var cancellation = context?.Cancellation ?? default;
        var random = (context ?? FitContext.Seeded(0)).Key.Random();
        var center = target.to(float64).mean([0L]);
        var (means, classes) = SourceParts(source, center, random, context);
        var rows = target.to(float64) - center;
        var parts = DiagonalMixture.Fit(
            rows,
            ones(rows.shape[0], float64, rows.device),
            count,
            Floor(rows),
            random,
            cancellation
        );
        var labels = Matched(means, classes, parts.Means, cancellation);
        return labels.index_select(0, parts.Members(rows)).MoveToOuterDisposeScope();
    }

    // The means and classes of every class's parts: one more as long as the criterion falls.
    private (Tensor Means, Tensor Classes) SourceParts(
        LabeledDomain source,
        Tensor center,
        Random random,
        FitContext? context
    )
    {
        var x = source.Inputs.to(float64) - center;
        var weights = source.Weights?.to(float64) ?? ones(source.Count, float64, x.device);
        var floor = Floor(x);
        var (means, classes) = (new List<Tensor>(), new List<Tensor>());
        for (var label = 0L; label < source.Space.Width; label++)
        {
            context?.Report((double)label / source.Space.Width);
            var own = source.Labels.eq(label).logical_and(weights.gt(0)).nonzero().squeeze(1);
            if (own.shape[0] == 0)
            {
                continue;
            }
            var (rows, shares) = (x.index_select(0, own), weights.index_select(0, own));
            var (best, least) = (default(Tensor), double.PositiveInfinity);
            for (var k = 1; k <= Math.Min(MaxPartsPerClass, own.shape[0]); k++)
            {
                var mixture = DiagonalMixture.Fit(rows, shares, k, floor, random, context?.Cancellation ?? default);
                var criterion = mixture.Criterion(rows, shares);
                if (criterion >= least)
                {
                    break;
                }
                (best, least) = (mixture.Means, criterion);
            }
            means.Add(best!);
            classes.Add(full(best!.shape[0], label, int64, x.device));
        }
        return (cat([.. means]), cat([.. classes]));
    }

    // The class of every target part.
    private Tensor Matched(Tensor means, Tensor classes, Tensor targets, CancellationToken cancellation)
    {
        var cost = SquaredDistances.Between(means, targets);
        // Where most means coincide, but for rounding, the others give the scale.
        var (median, mean) = (cost.median(), cost.mean());
        cost /= where(median > mean * 1e-13, median, mean).clamp_min(1e-300);
        var weights = (cost / -WeightRegularization).softmax(0).mean([1L]);
        var problem = new TransportProblem(cost, weights, sourceLabels: classes) { Cancellation = cancellation };
        var plan = new ClassSparseTransport(Regularization, ClassRegularization).Plan(problem);
        using var map = BarycentricMap.OfPlan(means, targets, plan);
        return classes.index_select(0, SquaredDistances.Between(targets, map.Extract(means)).argmin(1));
    }

    // What keeps variances of parts of few rows apart from 0: a thousandth of the rows' mean variance.
    private static double Floor(Tensor rows) =>
        Math.Max(1e-3 * rows.var(0, unbiased: false).mean().item<double>(), 1e-300);
}
