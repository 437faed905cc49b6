using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// HeMap: one map of source rows and one of target rows of other features, or of another number of them, into a common
/// space in which pairs of rows lie close together.
/// </summary>
/// <remarks>
/// <para>
/// For r pairs of rows, S of the source and T of the target, each domain less its mean and divided by its spread, the
/// common coordinates <c>B_S</c> and <c>B_T</c> <c>[r, k]</c> minimize <c>||T - B_T P_T||^2 + ||S - B_S P_S||^2 +
/// beta/2 (||T - B_S P_T||^2 + ||S - B_T P_S||^2)</c>: each domain's coordinates give back both domains' rows. They are
/// the leading eigenvectors of <c>[2 TT' + beta^2/2 SS', beta (SS' + TT'); beta (SS' + TT'), 2 SS' + beta^2/2 TT']</c>,
/// with <c>B_T</c> above <c>B_S</c> (Shi, Liu, Fan, Yu and Zhu 2010, "Transfer Learning on Heterogenous Feature Spaces
/// via Spectral Transformation", ICDM), computed as the left singular vectors of the matrix's factor of 2r rows and d +
/// e columns. With beta = 2 the coordinates of both domains are the same; with beta = 0 each domain has its own
/// principal axes.
/// </para>
/// <para>
/// A row is read by the coordinates that give it back best: <c>x -> x P^+</c> with <c>P_T = (2 B_T' T + beta B_S' T) /
/// (2 + beta)</c>, <c>P_S</c> alike, so that new rows can be read, which the paper leaves open.
/// </para>
/// <para>
/// The formula asks for pairs. Rows that say the same in two languages are given to <see cref="Fit(Tensor, Tensor)"/>.
/// In a chain the labeled target rows are paired with the source's class by class (<see cref="Pair"/>). A chain takes
/// rows of one width: <c>PadColumns</c> brings the narrower ones there, and columns of zeros change nothing here.
/// Weights of rows are not used.
/// </para>
/// </remarks>
public sealed record HeterogeneousSpectralMapping : IAdaptationStage
{
    private const int UsualComponents = 30;
    private const double LeastAxis = 1e-10; // what is shorter, against the longest, is rounding

    /// <summary>
    /// How many components k, at most the widths of both domains and the number of pairs; null takes 30 or the most
    /// possible. Default null.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int? Components { get; init; }

    /// <summary>The weight beta of the likeness of the two domains, not negative. Default 1.</summary>
    [OptionRange(AtLeast = 0)]
    public double Likeness { get; init; } = 1;

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        RowChecks.Vectors(plan);
        plan.AddFaults([
            .. ClassLabels.Faults(plan),
            .. plan.LabeledTarget(),
            .. Limit.Faults(Most(plan.Width, "the width")),
        ]);
        return plan.WithRows(null);
    }

    /// <inheritdoc />
    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(run);
        var embedded = state.Embedded();
        var domains = embedded.Domains;
        PerDomainExtractor Fitted()
        {
            using var scope = NewDisposeScope();
            var (ofSource, ofTarget) = Pair(domains.PooledSources(), domains.LabeledTarget!);
            var (source, target) = Fit(ofSource, ofTarget);
            return new PerDomainExtractor(source, target);
        }
        return embedded.Mapped(run.Fitted("map", Fitted));
    }

    /// <summary>Fits the two maps to pairs of rows.</summary>
    /// <param name="source">Source rows <c>[r, d]</c>.</param>
    /// <param name="target">Target rows <c>[r, e]</c>; row i belongs to row i of the source.</param>
    /// <returns>The maps of source and of target rows to <c>[., k]</c>; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">There are not as many rows of one domain as of the other.</exception>
    public (AffineMap Source, AffineMap Target) Fit(Tensor source, Tensor target)
    {
        var count = Check(source, target);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var ((s, ofS), (t, ofT)) = (Centered(source), Centered(target));
        // The eigenvectors of G G' without G G'.
        var (near, far) = (Math.Sqrt(2), Likeness / Math.Sqrt(2));
        var g = cat([cat([t * near, s * far], 1), cat([t * far, s * near], 1)], 0);
        var (u, _, _) = linalg.svd(g, fullMatrices: false);
        var r = source.shape[0];
        // Unit length over both domains would leave each the root of a half.
        var both = u.narrow(1, 0, count) * Math.Sqrt(2);
        var (bt, bs) = (both.narrow(0, 0, r), both.narrow(0, r, r));
        return (
            Reader(((bs * 2) + (bt * Likeness)).t().matmul(s) / (2 + Likeness), ofS.Mean, ofS.Spread),
            Reader(((bt * 2) + (bs * Likeness)).t().matmul(t) / (2 + Likeness), ofT.Mean, ofT.Spread)
        );
    }

    /// <summary>Pairs rows of the same class.</summary>
    /// <remarks>
    /// In each class that both domains have, in the order of the rows: as many pairs as the larger domain has rows,
    /// those of the smaller one again and again.
    /// </remarks>
    /// <param name="source">Labeled source rows <c>[n, d]</c>, classes.</param>
    /// <param name="target">Labeled target rows <c>[m, e]</c> of the same classes.</param>
    /// <returns>Rows <c>[r, d]</c> and <c>[r, e]</c>, class by class; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">The domains share no class.</exception>
    public static (Tensor Source, Tensor Target) Pair(LabeledDomain source, LabeledDomain target)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        ClassLabels.Check(source);
        if (!target.Space.IsClasses)
        {
            throw new ArgumentException($"pairs need class labels; the labels are {target.Space}.", nameof(target));
        }
        using var scope = NewDisposeScope();
        var (ofSource, ofTarget) = (Rows(source), Rows(target));
        var (left, right) = (new List<long>(), new List<long>());
        foreach (var (label, rows) in ofSource.OrderBy(pair => pair.Key))
        {
            Canceling.Check();
            if (ofTarget.TryGetValue(label, out var partners))
            {
                var most = Math.Max(rows.Count, partners.Count);
                left.AddRange(Enumerable.Range(0, most).Select(i => rows[i % rows.Count]));
                right.AddRange(Enumerable.Range(0, most).Select(i => partners[i % partners.Count]));
            }
        }
        if (left.Count == 0)
        {
            throw new ArgumentException(
                "source and target must share a class to be paired; they share none.",
                nameof(target)
            );
        }
        Tensor Taken(LabeledDomain domain, List<long> rows) =>
            domain.Inputs.index_select(0, tensor(rows.ToArray(), device: domain.Inputs.device));
        // Both first: a domain whose rows are gone leaves nothing behind.
        var (known, asked) = (Taken(source, left), Taken(target, right));
        return (known.MoveToOuterDisposeScope(), asked.MoveToOuterDisposeScope());
    }

    // The rows of each class, in their order.
    private static Dictionary<long, List<long>> Rows(LabeledDomain domain)
    {
        var labels = domain.Labels.cpu().data<long>().ToArray();
        var rows = new Dictionary<long, List<long>>();
        for (var i = 0; i < labels.Length; i++)
        {
            if (!rows.TryGetValue(labels[i], out var same))
            {
                rows[labels[i]] = same = [];
            }
            same.Add(i);
        }
        return rows;
    }

    private static (Tensor Rows, (Tensor Mean, Tensor Spread) Of) Centered(Tensor rows)
    {
        var exact = rows.to(float64);
        var mean = exact.mean([0L]);
        var centered = exact - mean;
        var variance = centered.square().sum(1).mean();
        var spread = where(variance > 0, variance, 1).sqrt();
        return (centered / spread, (mean, spread));
    }

    // x -> ((x - mean) / spread) P^+
    private static AffineMap Reader(Tensor p, Tensor mean, Tensor spread)
    {
        var matrix = linalg.pinv(p, rtol: LeastAxis) / spread;
        return new AffineMap(matrix, -mean.unsqueeze(0).matmul(matrix).squeeze(0));
    }

    private int Check(Tensor source, Tensor target)
    {
        Guard.Rows(source, 2);
        Guard.Rows(target, 2);
        if (
            source.shape[0] != target.shape[0]
            || source.dtype != target.dtype
            || source.device_type != target.device_type
        )
        {
            throw new ArgumentException(
                "source and target must be pairs of rows, as many of one as of the other, of one dtype and on one "
                    + $"device; got {Shape.Of(source)} and {Shape.Of(target)}. Pair(source, target) pairs them by "
                    + "class.",
                nameof(target)
            );
        }
        Guard.Options(this);
        var most = Math.Min(source.shape[0], Math.Min(source.shape[1], target.shape[1]));
        Limit.Keep(Most(most, "the least of both widths and the number of pairs"));
        return Components ?? (int)Math.Min(UsualComponents, most);
    }

    private Limit Most(long? most, string what) => new(nameof(Components), Components, most, what);
}
