using System.Globalization;
using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// SSNB: the map of source rows that is the slope of a smooth, strongly convex function and brings them nearest to the
/// target.
/// </summary>
/// <remarks>
/// <para>
/// <c>min_f W_2^2(slope of f at the source rows, target rows)</c> over l-strongly convex f with L-Lipschitz slopes: two
/// rows come apart by no less than l and no more than L times their distance (Paty, d'Aspremont and Cuturi 2020,
/// "Regularity as Regularization: Smooth and Strongly Convex Brenier Potentials in Optimal Transport"). By turns: the
/// exact plan from the images to the target; then the images nearest to where the plan sends them that such a function
/// allows, a convex program in its values and slopes at the source rows. The objective does not rise. A plan alone
/// tears neighbors apart; here it cannot. New rows get the slope of the least such function
/// (<see cref="ConvexPotentialMap"/>).
/// </para>
/// <para>
/// Target rows stay; source weights are taken as masses. Costs an exact plan and up to some thousands of evaluations of
/// <c>n^2 d</c> a turn: with <see cref="ByClass"/> n is the rows of a class. For hundreds of rows of a class and tens
/// of features, reduce features first.
/// </para>
/// </remarks>
public sealed record NearestBrenierMap : IFeatureMapping
{
    /// <summary>The least stretch l, not negative and below <see cref="MaxStretch"/>. Default 0.6.</summary>
    [OptionRange(AtLeast = 0)]
    public double MinStretch { get; init; } = 0.6;

    /// <summary>The most stretch L. Default 1.4.</summary>
    [OptionRange(Above = 0)]
    public double MaxStretch { get; init; } = 1.4;

    /// <summary>
    /// Whether each source class has a function of its own: regularity then holds within classes alone, and classes may
    /// move apart. Default false.
    /// </summary>
    public bool ByClass { get; init; }

    /// <summary>The most turns, at least 1. It ends earlier where the plan stands still. Default 5.</summary>
    [OptionRange(AtLeast = 1)]
    public int MaxTurns { get; init; } = 5;

    /// <summary>
    /// How much a condition on the function may be missed, in mean squared distances of the rows (or of where they are
    /// to go, if larger), positive; after 40 rounds of the program what is reached is taken. Default 1e-5.
    /// </summary>
    [OptionRange(Above = 0)]
    public double Tolerance { get; init; } = 1e-5;

    /// <inheritdoc />
    public long? MappedWidth(ChainPlan plan) => plan.Width;

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        using var scope = NewDisposeScope();
        return new PerDomainExtractor(
            Fit(domains.PooledSources(), domains.Target.Inputs, context),
            ExtractorChain.Of()
        );
    }

    /// <summary>Fits the map of source rows.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>, with classes where <see cref="ByClass"/> is set.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="context">Cancellation and progress; null for none.</param>
    /// <returns>The map; the caller disposes it.</returns>
    public ConvexPotentialMap Fit(LabeledDomain source, Tensor target, FitContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        Guard.Pair(source.Inputs, target, sourceName: nameof(source), targetName: nameof(target));
        Guard.Options(this);
        if (Order is { } fault)
        {
            throw new ArgumentOutOfRangeException(nameof(MinStretch), MinStretch, fault);
        }
        if (ByClass)
        {
            ClassLabels.Check(source);
        }
        var (n, m) = (source.Count, target.shape[0]);
        const string WayOut = "Fit the map to a random part of the rows: it maps new rows as well.";
        MemoryNeed.Check(nameof(NearestBrenierMap), target, n, m, 2 + TransportProblem.MinMatrices, WayOut, float64);
        MemoryNeed.Check(nameof(NearestBrenierMap), target, n, n, 8, WayOut, float64);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        // Divided by their spread, rows in any unit take the same path.
        var unit = RowUnit.Of(PenaltyScale.Relative, null, source.Inputs, target);
        var (x, y) = (source.Inputs.to(float64) / unit, target.to(float64) / unit);
        var masses = source.Weights is { } given
            ? given.to(float64) / given.to(float64).sum()
            : full(n, 1.0 / n, dtype: float64, device: x.device);
        var groups = ByClass ? source.Labels : zeros(n, dtype: int64, device: x.device);
        var (present, _, _) = groups.unique();
        var members = present
            .cpu()
            .data<long>()
            .ToArray()
            .Select(group => groups.eq(group).nonzero().squeeze(1))
            .ToList();
        var slack = MaxStretch - MinStretch;
        var (images, values, slopes) = (x.clone(), zeros(n, dtype: float64, device: x.device), zeros_like(x));
        Tensor? plan = null;
        for (var turn = 0; turn < MaxTurns; turn++)
        {
            context?.Report((double)turn / MaxTurns);
            using var turnScope = NewDisposeScope();
            var problem = new TransportProblem(SquaredDistances.Between(images, y), masses)
            {
                Cancellation = context?.Cancellation ?? default,
            };
            var next = new ExactTransport().Plan(problem);
            if (plan is not null && (next - plan).abs().sum().item<double>() < 1e-9)
            {
                break;
            }
            plan = next.MoveToOuterDisposeScope();
            var wanted = (plan.matmul(y) / masses.clamp_min(1e-300).unsqueeze(1)) - (x * MinStretch);
            foreach (var group in members)
            {
                var (f, h) = ConvexInterpolation.Solve(
                    x.index_select(0, group),
                    wanted.index_select(0, group),
                    masses.index_select(0, group),
                    slack,
                    Tolerance,
                    context
                );
                values.index_copy_(0, group, f);
                slopes.index_copy_(0, group, h);
            }
            images.copy_(slopes + (x * MinStretch));
        }
        return new ConvexPotentialMap(source.Inputs, values * (unit * unit), slopes * unit, groups, MinStretch, slack);
    }

    private string? Order =>
        MinStretch < MaxStretch
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"MinStretch must be below MaxStretch, {MaxStretch}; got {MinStretch}."
            );

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => Order is { } fault ? [fault] : [];
}
