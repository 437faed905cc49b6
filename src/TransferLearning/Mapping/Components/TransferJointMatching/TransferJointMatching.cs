using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// TJM: components in which the domains' means agree while source rows that are unlike the target lose their say.
/// </summary>
/// <remarks>
/// <para>
/// Minimizes <c>tr(W' K M K W) + lambda (2 c ||W_s||_2,1 + ||W_t||_F^2)</c> over <c>W' K H K W = I</c> (Long, Wang,
/// Ding, Sun and Yu 2014, "Transfer Joint Matching for Unsupervised Domain Adaptation", where c is 1/2; their program
/// has 1, <see cref="SourceFactor"/>) for the kernel matrix K of all rows, <c>M = e e'</c> over its Frobenius norm with
/// e as in <see cref="TransferComponentAnalysis"/>, and the rows <c>W_s</c>, <c>W_t</c> of W that belong to source and
/// target rows. The sum of lengths <c>||W_s||_2,1</c> drives whole rows toward 0: those source rows take no part in the
/// map.
/// </para>
/// <para>
/// Each round solves the eigenproblem with <c>lambda G</c> in place of the ridge, <c>G = c / ||w_i||</c> for source
/// rows and 1 for target rows (in the first round 1 for all); the objective never rises. Costs n^2 memory and, for few
/// components, some tens of products of K with k columns a round.
/// </para>
/// </remarks>
public sealed record TransferJointMatching : IFeatureMapping
{
    // Lengths of rows of W count as this at least, so that G stays finite.
    private const double MinLength = 1e-8;

    /// <summary>The kernel. Default linear.</summary>
    public IKernel Kernel { get; init; } = new LinearKernel();

    /// <summary>
    /// How many components k, below the number of rows; null takes 20, the authors', or the most possible. Default
    /// null.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int? Components { get; init; }

    /// <summary>The weight lambda of the rows' lengths, positive. Default 1.</summary>
    [OptionRange(Above = 0)]
    public double Sparsity { get; init; } = 1;

    /// <summary>
    /// The factor c of the source rows in the penalty, positive. Default 1, the authors' program's; the paper has 1/2.
    /// </summary>
    [OptionRange(Above = 0)]
    public double SourceFactor { get; init; } = 1;

    /// <summary>
    /// Whether rows are divided by their spread first, the root of their mean squared distance from their mean.
    /// Default: they are, and the weight lambda means the same in any unit. Under a Gaussian kernel, whose values have
    /// no unit, nothing is divided.
    /// </summary>
    public PenaltyScale PenaltyScale { get; init; }

    /// <summary>How many rounds, at least 1. Default 10.</summary>
    [OptionRange(AtLeast = 1)]
    public int Rounds { get; init; } = 10;

    /// <summary>How the components of the last round are scaled. Default columns of unit length.</summary>
    public ComponentScale Scale { get; init; } = ComponentScale.UnitWeights;

    /// <inheritdoc />
    public long? MappedWidth(ChainPlan plan) => Components ?? UsualCount(plan.Rows());

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        using var scope = NewDisposeScope();
        return Fit(domains.PooledSources().Inputs, domains.Target.Inputs, context);
    }

    /// <summary>Fits the map.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="context">Cancellation and progress.</param>
    /// <returns>
    /// The map <c>[., d]</c> to <c>[., k]</c>, whose first n rows of weights belong to the source; the caller disposes
    /// it.
    /// </returns>
    public KernelMap Fit(Tensor source, Tensor target, FitContext? context = null)
    {
        Guard.Pair(source, target);
        Guard.Options(this);
        var (n, m) = (source.shape[0], target.shape[0]);
        var count = Components ?? UsualCount(n + m);
        AlignedComponents.CheckCount(count, Kernel, null, n + m, source.shape[1]);
        MemoryNeed.Check(
            "Transfer joint matching",
            source,
            n + m,
            n + m,
            3,
            "Fit it to fewer rows, the map takes the others; or use TransferComponentAnalysis with Landmarks.",
            float64
        );
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var rows = cat([source, target]);
        var unit = RowUnit.Of(PenaltyScale, Kernel, source, target);
        var exact = rows.to(float64) / unit;
        var kernel = Kernel.FixedFor(exact);
        var cancellation = context?.Cancellation ?? default;
        cancellation.ThrowIfCancellationRequested();
        var k = kernel.Matrix(exact, exact);
        var gap = AlignedComponents.MeanGap(n, m, rows.device) / Math.Sqrt((1.0 / n) + (1.0 / m));
        var pull = k.matmul(gap);
        var root = ones([n + m, 1], float64, rows.device); // G^(-1/2)
        for (var round = 0; ; round++)
        {
            context?.Report((double)round / Rounds);
            using var roundScope = NewDisposeScope();
            // With W = G^(-1/2) V the ridge on V is plain, and each row of the kernel matrix is weighed by the root.
            var problem = AlignedComponents.OfRows(k * root.t());
            var (v, values) = problem.Solve(
                pull * root,
                Sparsity,
                count,
                ComponentScale.UnitVariance,
                cancellation: cancellation
            );
            var weights = v * root;
            if (round == Rounds - 1)
            {
                if (Scale == ComponentScale.UnitWeights)
                {
                    weights /= weights.norm(0, keepdim: true);
                }
                else
                {
                    weights *= Math.Sqrt(n + m);
                }
                return new KernelMap(kernel, rows, weights, values, unit);
            }
            var lengths = weights.narrow(0, 0, n).norm(1, keepdim: true).clamp_min(MinLength);
            root = cat([(lengths / SourceFactor).sqrt(), root.narrow(0, n, m)]).MoveToOuterDisposeScope();
        }
    }

    private static int UsualCount(long rows) => (int)Math.Min(20, rows - 1);

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => AlignedComponents.Faults(plan, Components, Kernel);
}
