using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Kernels;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// JGSA: one projection for each domain, close to each other, in which distributions agree and source classes stand
/// apart.
/// </summary>
/// <remarks>
/// <para>
/// A for source and B for target rows are the halves of the leading k solutions of <c>N w = value D w</c> with
/// <c>N = diag(beta S_b, mu S_t)</c> and <c>D = M + [alpha I + beta S_w, -alpha I; -alpha I, (alpha + mu) I]</c>
/// (Zhang, Li and Ogunbona 2017, "Joint Geometrical and Statistical Alignment for Visual Domain Adaptation", equation
/// 11): <c>S_b</c>, <c>S_w</c> the source's between- and within-class scatter, <c>S_t</c> the target's scatter, and M
/// the gaps <c>(m_s, -m_t)</c> of domain means, times the number of classes C, and of class means by pseudo labels. M
/// is divided by <c>C (1/n + 1/m)</c>, as in the authors' program; solutions have <c>w' D w = 1</c>.
/// </para>
/// <para>
/// The classifier on the rows as they come gives the first round's pseudo labels, on the projected rows those of the
/// next. Costs one eigenproblem of <c>S_w</c>, d^3, in whose axes D without M falls into blocks of 2 x 2, and each
/// round some tens of products of a 2d x 2d matrix with k columns.
/// </para>
/// </remarks>
public sealed record JointGeometricalAndStatisticalAlignment : IFeatureMapping
{
    /// <summary>How many components k, at most the width d; null takes 30 or the most possible. Default null.</summary>
    [OptionRange(AtLeast = 1)]
    public int? Components { get; init; }

    /// <summary>The weight alpha of the gap between the projections, <c>||A - B||^2</c>; positive. Default 1.</summary>
    [OptionRange(Above = 0)]
    public double SubspaceWeight { get; init; } = 1;

    /// <summary>The weight mu of the target's variance, and of <c>||B||^2</c>; positive. Default 1.</summary>
    [OptionRange(Above = 0)]
    public double VarianceWeight { get; init; } = 1;

    /// <summary>
    /// The weight beta of the source's scatter between and within classes; not negative. Default 0.1.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double DiscriminationWeight { get; init; } = 0.1;

    /// <summary>How many rounds, at least 1. Default 10.</summary>
    [OptionRange(AtLeast = 1)]
    public int Rounds { get; init; } = 10;

    /// <summary>
    /// Whether rows are divided by their spread first, the root of their mean squared distance from their mean.
    /// Default: they are, and the weights mean the same in any unit.
    /// </summary>
    public PenaltyScale PenaltyScale { get; init; }

    /// <summary>What gives the pseudo labels. Default the nearest neighbor.</summary>
    public ILabelLearner Classifier { get; init; } = new NearestNeighbor();

    /// <inheritdoc />
    public long? MappedWidth(ChainPlan plan) => Components ?? UsualCount(plan.Width);

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        using var scope = NewDisposeScope();
        var (source, target) = Fit(domains.PooledSources(), domains.Target.Inputs, context);
        return new PerDomainExtractor(source, target);
    }

    /// <summary>Fits the two projections.</summary>
    /// <param name="source">Labeled source rows <c>[n, d]</c>, classes.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="context">Cancellation and progress.</param>
    /// <returns>The maps of source and of target rows to <c>[., k]</c>; the caller disposes them.</returns>
    public (AffineMap Source, AffineMap Target) Fit(LabeledDomain source, Tensor target, FitContext? context = null)
    {
        var count = Check(source, target);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var unit = RowUnit.Of(PenaltyScale, null, source.Inputs, target);
        var (x, z) = (source.Inputs.to(float64) / unit, target.to(float64) / unit);
        var classes = nn.functional.one_hot(source.Labels, source.Space.Width).to(float64);
        var problem = new CoupledProjections(x, z, classes, SubspaceWeight, VarianceWeight, DiscriminationWeight);
        var pseudo = PseudoClasses(source, x, z);
        for (var round = 0; ; round++)
        {
            context?.Report((double)round / Rounds);
            using var roundScope = NewDisposeScope();
            var (ofSource, ofTarget) = problem.Solve(pseudo, count, context?.Cancellation ?? default);
            if (round == Rounds - 1)
            {
                return (new AffineMap(ofSource / unit), new AffineMap(ofTarget / unit));
            }
            pseudo = PseudoClasses(source, x.matmul(ofSource), z.matmul(ofTarget)).MoveToOuterDisposeScope();
        }
    }

    // What the classifier of source rows takes target rows for, one-hot [m, C].
    private Tensor PseudoClasses(LabeledDomain source, Tensor sourceRows, Tensor targetRows)
    {
        using var scope = NewDisposeScope();
        var predictor = Classifier.Fit(source.WithInputs(sourceRows));
        using var owned = predictor as IDisposable;
        var labels = predictor.Predict(targetRows).argmax(1);
        return nn.functional.one_hot(labels, source.Space.Width).to(float64).MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) =>
        [.. ClassLabels.Faults(plan), .. AlignedComponents.Faults(plan, Components, null)];

    private static long? UsualCount(long? width) => width is { } d ? Math.Min(30, d) : null;

    private int Check(LabeledDomain source, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(source);
        Guard.Pair(source.Inputs, target, sourceName: nameof(source), targetName: nameof(target));
        ClassLabels.Check(source);
        Guard.Options(this);
        var count = Components ?? (int)UsualCount(target.shape[1])!.Value;
        AlignedComponents.CheckCount(count, null, null, source.Count + target.shape[0], target.shape[1]);
        return count;
    }
}
