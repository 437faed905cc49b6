using TransferLearning.Internal;
using TransferLearning.Kernels;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// MEDA: a kernel classifier on the geodesic flow's features that aligns distributions and follows the data's manifold.
/// </summary>
/// <remarks>
/// <para>
/// Rows pass <see cref="GeodesicFlowKernel"/> and are scaled to unit length; the classifier
/// <c>f(x) = sum_i beta_i k(x_i, x)</c> over all rows minimizes <c>sum_source ||f(x_i) - y_i||^2 + eta ||f||_K^2 +
/// lambda tr(F' M F) + rho tr(F' L F)</c> for one-hot y (Wang, Feng, Chen, Yu, Huang and Yu 2018, "Visual Domain
/// Adaptation with Manifold Embedded Distribution Alignment"), so
/// <c>beta = ((E + lambda M + rho L) K + eta I)^(-1) Y</c> with E the indicator of source rows. L is the normalized
/// Laplacian <c>I - D^(-1/2) W D^(-1/2)</c> of each row's p nearest neighbors by their cosine and, with an edge of 1,
/// of the row itself.
/// </para>
/// <para>
/// <c>M = (1 - mu) C e e' + mu sum_c e_c e_c'</c> over its Frobenius norm, as in the authors' program, with e and
/// <c>e_c</c> as in <see cref="JointDistributionAdaptation"/>. Unless it is given, the balance is estimated in every
/// round: <c>mu = a_c / (a_m + a_c)</c> for the A-distance <c>a_m = 2 (1 - 2 error)</c> between the domains and its
/// mean <c>a_c</c> over the classes, by the error of a logistic regression on the rows that it was fitted to. The
/// nearest neighbor gives the first pseudo labels, the classifier those of each further round.
/// </para>
/// <para>
/// Costs a fit of the geodesic flow kernel, n^2 memory for all n rows of both domains and one n^3 inverse; rounds cost
/// n^2 C.
/// </para>
/// </remarks>
public sealed record ManifoldEmbeddedDistributionAlignment : IAdaptationStage
{
    /// <summary>
    /// The dimension of the subspaces, at most half the width and below each domain's rows; null takes a quarter of the
    /// width, at most 20 and no more than the rows span. Default null.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int? Components { get; init; }

    /// <summary>The kernel on rows of unit length. Default Gaussian with gamma 1/2.</summary>
    public IKernel Kernel { get; init; } = new GaussianKernel(0.5);

    /// <summary>The weight eta of the classifier's norm, positive. Default 0.1.</summary>
    [OptionRange(Above = 0)]
    public double Shrinkage { get; init; } = 0.1;

    /// <summary>The weight lambda of the distributions' gap, not negative. Default 10.</summary>
    [OptionRange(AtLeast = 0)]
    public double AlignmentWeight { get; init; } = 10;

    /// <summary>The weight rho of the differences between neighbors, not negative. Default 1.</summary>
    [OptionRange(AtLeast = 0)]
    public double ManifoldWeight { get; init; } = 1;

    /// <summary>How many neighbors p a row has, at least 1. Default 10, fewer where there are fewer rows.</summary>
    [OptionRange(AtLeast = 1)]
    public int Neighbors { get; init; } = 10;

    /// <summary>
    /// The balance mu in [0, 1]: 0 aligns the domains' means alone, 1 the classes' alone; null, the default, estimates
    /// it.
    /// </summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double? Balance { get; init; }

    /// <summary>How many rounds, at least 1. Default 10.</summary>
    [OptionRange(AtLeast = 1)]
    public int Rounds { get; init; } = 10;

    private AlignedClassifier Classifier =>
        new(Kernel, Shrinkage, AlignmentWeight, ManifoldWeight, Neighbors, Rounds)
        {
            Method = "Manifold embedded alignment",
            Balance = Balance,
        };

    bool IAdaptationStage.TakesLabeledTarget => false;

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var (n, m) = (plan.SourceRows(), plan.Domains.Target.Count);
        plan.AddFaults(Limit.Faults(Subspaces.Most(Components, n, m, GeodesicFlowKernel.MaxOfWidth(plan.Width))));
        return Classifier.Plan(plan);
    }

    /// <inheritdoc />
    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(run);
        var embedded = state.Embedded();
        var flow = new GeodesicFlowKernel { Components = Components };
        return Classifier.Fit(
            embedded,
            run,
            () => ExtractorChain.Of(flow.Fit(embedded.Domains, run.Context), new UnitLength())
        );
    }

    /// <summary>Fits the classifier to rows that have passed the map.</summary>
    /// <param name="source">Labeled source rows <c>[n, d]</c> of unit length, classes.</param>
    /// <param name="target">Target rows <c>[m, d]</c> of unit length.</param>
    /// <param name="context">Cancellation and progress.</param>
    /// <returns>The classifier; the caller disposes it.</returns>
    public KernelPredictor Classify(LabeledDomain source, Tensor target, FitContext? context = null)
    {
        Guard.Options(this);
        using var canceling = Canceling.By(context);
        return Classifier.Classify(source, target, context);
    }
}
