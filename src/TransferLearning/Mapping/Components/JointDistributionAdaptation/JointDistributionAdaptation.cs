using TransferLearning.Internal;
using TransferLearning.Kernels;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>JDA: components in which the domains' means and, by pseudo labels, the classes' means agree.</summary>
/// <remarks>
/// <para>
/// Like <see cref="TransferComponentAnalysis"/> with <c>M = a e e' + sum_c e_c e_c'</c> in place of <c>e e'</c>:
/// <c>e_c</c> holds <c>1/n_c</c> for source rows of class c and <c>-1/m_c</c> for target rows that are believed to be
/// of it (Long, Wang, Ding, Sun and Yu 2013, "Transfer Feature Learning with Joint Distribution Adaptation", algorithm
/// 1). The first round has no class terms; each round's classifier on the components, in rows of unit length, gives the
/// pseudo labels of the next. A class that no target row is believed to be of is left out of that round.
/// </para>
/// <para>
/// M is divided by its Frobenius norm, as in the authors' program, so that the ridge means the same in every round.
/// Costs a <see cref="TransferComponentAnalysis"/> fit a round: d^3 without a kernel, n^2 memory with one, or n r with
/// r landmarks (see there).
/// </para>
/// </remarks>
public sealed record JointDistributionAdaptation : IFeatureMapping
{
    /// <summary>The kernel; null for the primal form, whose map is <c>x W</c>. Default null.</summary>
    public IKernel? Kernel { get; init; }

    /// <summary>
    /// How many rows, drawn by the fit's key, stand for all in the kernel matrix, at least 2; null, the default, takes
    /// all. Needs a kernel.
    /// </summary>
    [OptionRange(AtLeast = 2)]
    public int? Landmarks { get; init; }

    /// <summary>
    /// How many components k: at most d without a kernel, below n, and below the landmarks, with one; null takes 100 or
    /// the most possible. Default null.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int? Components { get; init; }

    /// <summary>The ridge lambda, positive. Default 1.</summary>
    [OptionRange(Above = 0)]
    public double Ridge { get; init; } = 1;

    /// <summary>
    /// Whether rows are divided by their spread first, the root of their mean squared distance from their mean.
    /// Default: they are, and the ridge means the same in any unit. Under a Gaussian kernel, whose values have no unit,
    /// nothing is divided.
    /// </summary>
    public PenaltyScale PenaltyScale { get; init; }

    /// <summary>How many rounds, at least 1. Default 10.</summary>
    [OptionRange(AtLeast = 1)]
    public int Rounds { get; init; } = 10;

    /// <summary>
    /// The weight a of the domain means' gap against one class's; null, the default, takes the number of classes, as
    /// the authors' program does. The paper's is 1.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double? MarginalWeight { get; init; }

    /// <summary>How components are scaled. Default columns of unit length.</summary>
    public ComponentScale Scale { get; init; } = ComponentScale.UnitWeights;

    /// <summary>What gives the pseudo labels. Default the nearest neighbor.</summary>
    public ILabelLearner Classifier { get; init; } = new NearestNeighbor();

    /// <inheritdoc />
    public long? MappedWidth(ChainPlan plan) =>
        Components ?? AlignedComponents.UsualCount(Kernel, Landmarks, plan.Rows(), plan.Width);

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        using var scope = NewDisposeScope();
        return Fit(domains.PooledSources(), domains.Target.Inputs, context);
    }

    /// <summary>Fits the map.</summary>
    /// <param name="source">Labeled source rows <c>[n, d]</c>, classes.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="context">Randomness (the landmarks), cancellation and progress.</param>
    /// <returns>The map <c>[., d]</c> to <c>[., k]</c>; the caller disposes it.</returns>
    public KernelMap Fit(LabeledDomain source, Tensor target, FitContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        Guard.Alive(target);
        Guard.Options(this);
        using var canceling = Canceling.By(context);
        return new ClassMeanAlignment(
            Kernel,
            Components ?? AlignedComponents.UsualCount(Kernel, Landmarks, source.Inputs, target),
            Ridge,
            Rounds,
            Scale,
            Classifier
        )
        {
            Method = nameof(JointDistributionAdaptation),
            Landmarks = Landmarks,
            PenaltyScale = PenaltyScale,
            Marginal = MarginalWeight ?? source.Space.Width,
            Conditional = 1,
        }.Fit(source, target, context);
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) =>
        [.. ClassLabels.Faults(plan), .. AlignedComponents.Faults(plan, Components, Kernel, Landmarks)];
}
