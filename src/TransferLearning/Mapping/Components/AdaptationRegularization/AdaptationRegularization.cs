using TransferLearning.Kernels;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// ARTL: a kernel classifier that aligns the domains' and the classes' scores and follows the data's manifold.
/// </summary>
/// <remarks>
/// <para>
/// Rows are scaled to unit length; the classifier <c>f(x) = sum_i beta_i k(x_i, x)</c> over all rows minimizes
/// <c>sum_source loss(f(x_i), y_i) + sigma ||f||_K^2 + lambda tr(F' M F) + gamma tr(F' L F)</c> (Long, Wang, Ding, Pan
/// and Yu 2014, "Adaptation Regularization: A General Framework for Transfer Learning"): with squares its ARRLS, a
/// linear system, with the hinge its ARSVM, a quadratic program a class, here without an intercept. L is the normalized
/// Laplacian <c>I - D^(-1/2) W D^(-1/2)</c> of each row's p nearest neighbors by their cosine and, with an edge of 1,
/// of the row itself. <c>M = C e e' + sum_c e_c e_c'</c> over its Frobenius norm, as in the authors' program, with e
/// and <c>e_c</c> as in <see cref="JointDistributionAdaptation"/>; <see cref="FirstLearner"/>, the nearest neighbor,
/// gives the first pseudo labels, the classifier those of each further round.
/// </para>
/// <para>
/// <see cref="ManifoldEmbeddedDistributionAlignment"/> is the same classifier after a geodesic flow kernel, with a
/// balance of domains and classes that it estimates. Costs n^2 memory for all n rows of both domains and one n^3
/// inverse; rounds cost n^2 C, with the hinge some 15 n_s^3 C / 3 for n_s source rows. Of the weights of rows
/// <see cref="FirstLearner"/> alone knows; the classifier's terms do not use them.
/// </para>
/// </remarks>
public sealed record AdaptationRegularization : IAdaptationStage
{
    /// <summary>What the source's rows cost. Default squares.</summary>
    public ClassifierLoss Loss { get; init; } = ClassifierLoss.Squares;

    /// <summary>The kernel on rows of unit length. Default Gaussian with gamma 1/2.</summary>
    public IKernel Kernel { get; init; } = new GaussianKernel(0.5);

    /// <summary>The weight sigma of the classifier's norm, positive. Default 0.1.</summary>
    [OptionRange(Above = 0)]
    public double Shrinkage { get; init; } = 0.1;

    /// <summary>The weight lambda of the distributions' gap, not negative. Default 10.</summary>
    [OptionRange(AtLeast = 0)]
    public double AlignmentWeight { get; init; } = 10;

    /// <summary>The weight gamma of the differences between neighbors, not negative. Default 1.</summary>
    [OptionRange(AtLeast = 0)]
    public double ManifoldWeight { get; init; } = 1;

    /// <summary>How many neighbors p a row has, at least 1. Default 10, fewer where there are fewer rows.</summary>
    [OptionRange(AtLeast = 1)]
    public int Neighbors { get; init; } = 10;

    /// <summary>How many rounds, at least 1. Default 10; the authors' program takes one.</summary>
    [OptionRange(AtLeast = 1)]
    public int Rounds { get; init; } = 10;

    /// <summary>
    /// What gives the first pseudo labels. Default the nearest neighbor; the authors' program takes a logistic
    /// regression.
    /// </summary>
    public ILabelLearner FirstLearner { get; init; } = new NearestNeighbor();

    private AlignedClassifier Classifier =>
        new(Kernel, Shrinkage, AlignmentWeight, ManifoldWeight, Neighbors, Rounds)
        {
            Method = "Adaptation regularization",
            Balance = 0.5, // of C e e' and sum_c e_c e_c': alike, but for the norm
            Loss = Loss,
            FirstLearner = FirstLearner,
        };

    bool IAdaptationStage.TakesLabeledTarget => false;

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan) => Classifier.Plan(plan);

    /// <inheritdoc />
    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(run);
        return Classifier.Fit(state.Embedded(), run, () => new UnitLength());
    }

    /// <summary>Fits the classifier to rows of unit length.</summary>
    /// <param name="source">Labeled source rows <c>[n, d]</c> of unit length, classes.</param>
    /// <param name="target">Target rows <c>[m, d]</c> of unit length.</param>
    /// <param name="context">Cancellation and progress.</param>
    /// <returns>The classifier; the caller disposes it.</returns>
    public KernelPredictor Classify(LabeledDomain source, Tensor target, FitContext? context = null)
    {
        Internal.Guard.Options(this);
        using var canceling = Internal.Canceling.By(context);
        return Classifier.Classify(source, target, context);
    }
}
