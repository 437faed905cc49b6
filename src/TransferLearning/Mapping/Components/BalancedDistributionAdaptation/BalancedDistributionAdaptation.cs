using TransferLearning.Internal;
using TransferLearning.Kernels;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// BDA and weighted BDA: joint distribution adaptation with a chosen balance, and with classes weighted by their
/// shares.
/// </summary>
/// <remarks>
/// <see cref="JointDistributionAdaptation"/> with <c>M = (1 - mu) C e e' + mu sum_c e_c e_c'</c> for C classes, divided
/// by its Frobenius norm, as in the authors' program (the paper writes no C; Wang, Chen, Hao, Feng and Shen 2017,
/// "Balanced Distribution Adaptation for Transfer Learning"). The weighted form multiplies the entries of <c>e_c</c> by
/// the root of the class's share in their domain, in the target by pseudo labels, so that unbalanced classes are not
/// forced on each other. Costs as JDA, landmarks included.
/// </remarks>
public sealed record BalancedDistributionAdaptation : IFeatureMapping
{
    /// <summary>
    /// The balance mu in [0, 1]: 0 aligns the domains' means alone, 1 the classes' alone. Default 0.5.
    /// </summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double Balance { get; init; } = 0.5;

    /// <summary>Whether classes are weighted by their shares (W-BDA). Default false.</summary>
    public bool WeighsClasses { get; init; }

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
            Method = nameof(BalancedDistributionAdaptation),
            Landmarks = Landmarks,
            PenaltyScale = PenaltyScale,
            Marginal = (1 - Balance) * source.Space.Width,
            Conditional = Balance,
            HasClassShares = WeighsClasses,
        }.Fit(source, target, context);
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) =>
        [.. ClassLabels.Faults(plan), .. AlignedComponents.Faults(plan, Components, Kernel, Landmarks)];
}
