using TransferLearning.Internal;
using TransferLearning.Kernels;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>MEDA: a kernel classifier on the geodesic flow's features that aligns distributions and follows the data's manifold.</summary>
/// <remarks>
/// <para>
/// Rows pass <see cref="GeodesicFlowKernel"/> and are scaled to unit length; the classifier <c>f(x) = sum_i beta_i k(x_i, x)</c> over all rows minimises
/// <c>sum_source ||f(x_i) - y_i||^2 + eta ||f||_K^2 + lambda tr(F' M F) + rho tr(F' L F)</c> for one-hot y (Wang, Feng, Chen, Yu, Huang and Yu 2018, "Visual
/// Domain Adaptation with Manifold Embedded Distribution Alignment"), so <c>beta = ((E + lambda M + rho L) K + eta I)^(-1) Y</c> with E the
/// indicator of source rows. L is the normalised Laplacian of each row's p nearest neighbours by their cosine.
/// </para>
/// <para>
/// <c>M = (1 - mu) C e e' + mu sum_c e_c e_c'</c> over its Frobenius norm, as in the authors' program, with e and <c>e_c</c> as in
/// <see cref="JointDistributionAdaptation"/>. Unless it is given, the balance is estimated in every round: <c>mu = a_c / (a_m + a_c)</c> for the
/// A-distance <c>a_m = 2 (1 - 2 error)</c> between the domains and its mean <c>a_c</c> over the classes, by the error of a logistic regression on the rows that it was fitted to. The
/// nearest neighbour gives the first pseudo labels, the classifier those of each further round.
/// </para>
/// <para>
/// Costs a fit of the geodesic flow kernel, n^2 memory for all n rows of both domains and one n^3 inverse; rounds cost n^2 C.
/// </para>
/// </remarks>
public sealed record ManifoldEmbeddedAlignment : IAdaptationStage
{
    /// <summary>The dimension of the subspaces, at most half the width; null takes a quarter of the width, at most 20. Default null.</summary>
    public int? Components { get; init; }

    /// <summary>The kernel on rows of unit length. Default Gaussian with gamma 1/2.</summary>
    public IKernel Kernel { get; init; } = new GaussianKernel(0.5);

    /// <summary>The weight eta of the classifier's norm, positive. Default 0.1.</summary>
    public double Shrinkage { get; init; } = 0.1;

    /// <summary>The weight lambda of the distributions' gap, not negative. Default 10.</summary>
    public double AlignmentWeight { get; init; } = 10;

    /// <summary>The weight rho of the differences between neighbours, not negative. Default 1.</summary>
    public double ManifoldWeight { get; init; } = 1;

    /// <summary>How many neighbours p a row has, at least 1. Default 10, fewer where there are fewer rows.</summary>
    public int Neighbours { get; init; } = 10;

    /// <summary>The balance mu in [0, 1]: 0 aligns the domains' means alone, 1 the classes' alone; null, the default, estimates it.</summary>
    public double? Balance { get; init; }

    /// <summary>How many rounds, at least 1. Default 10.</summary>
    public int Rounds { get; init; } = 10;

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        RowChecks.Vectors(plan, plan.HasExtractor);
        if (!plan.Domains.Space.IsClasses)
        {
            plan.Fault("classifies; the labels are values.");
        }
        if (
            !(Shrinkage > 0)
            || !(AlignmentWeight >= 0)
            || !(ManifoldWeight >= 0)
            || Balance is not (null or (>= 0 and <= 1))
            || Neighbours < 1
            || Rounds < 1
        )
        {
            plan.Fault(
                "needs Shrinkage > 0, AlignmentWeight and ManifoldWeight >= 0, Balance in [0, 1] or null, Neighbours and Rounds >= 1; "
                    + $"got {Shrinkage}, {AlignmentWeight}, {ManifoldWeight}, {Balance}, {Neighbours} and {Rounds}."
            );
        }
        return plan.WithRows(null).WithParts(extractor: false, predictor: true);
    }

    /// <inheritdoc />
    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(run);
        var embedded = state.Embedded();
        var flow = new GeodesicFlowKernel { Components = Components };
        var map = run.Remember(
            "map",
            () => ExtractorChain.Of(flow.Fit(embedded.Domains, run.Context), new UnitLength())
        );
        var mapped = embedded.Mapped(map);
        var domains = mapped.Domains;
        var predictor = run.Remember(
            "predictor",
            () => Classify(domains.PooledSources(), domains.Target.Inputs, run.Context)
        );
        return mapped.With(null, predictor);
    }

    /// <summary>Fits the classifier to rows that have passed the map.</summary>
    /// <param name="source">Labelled source rows <c>[n, d]</c> of unit length, classes.</param>
    /// <param name="target">Target rows <c>[m, d]</c> of unit length.</param>
    /// <param name="context">Cancellation and progress.</param>
    /// <returns>The classifier; the caller disposes it.</returns>
    public KernelPredictor Classify(LabelledDomain source, Tensor target, FitContext? context = null)
    {
        Check(source, target);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (n, m) = (source.Count, target.shape[0]);
        var rows = cat([source.Inputs, target]);
        var exact = rows.to(float64);
        var kernel = Kernel.FixedFor(exact);
        var k = kernel.Matrix(exact, exact);
        var unit = RowLengths.Unit(exact);
        var edges = NeighbourGraph.Weights(unit.matmul(unit.t()), (int)Math.Min(Neighbours, n + m - 1));
        var manifold = NeighbourGraph.NormalisedLaplacian(edges) * ManifoldWeight;
        var classes = nn.functional.one_hot(source.Labels, source.Space.Width).to(float64);
        var risk = new StructuralRisk(k, classes, manifold, Shrinkage, AlignmentWeight);
        var separation = Balance is null ? new DomainSeparation(exact, n) : null;
        var domainGap = AlignedComponents.MeanGap(n, m, rows.device) * Math.Sqrt(source.Space.Width);
        using var nearest = (NeighbourVote)new NearestNeighbour().Fit(source);
        var labels = nearest.Predict(target).argmax(1);
        for (var round = 0; ; round++)
        {
            context?.Report((double)round / Rounds);
            using var roundScope = NewDisposeScope();
            var pseudo = nn.functional.one_hot(labels, source.Space.Width).to(float64);
            var mu = Balance ?? separation!.Balance(classes, pseudo);
            var classGaps = ClassMeanAlignment.ClassGaps(classes, pseudo);
            var gaps = cat([domainGap * Math.Sqrt(1 - mu), classGaps * Math.Sqrt(mu)], 1);
            gaps /= gaps.t().matmul(gaps).norm().sqrt();
            var coefficients = risk.Minimise(gaps);
            if (round == Rounds - 1)
            {
                return new KernelPredictor(kernel, rows, coefficients);
            }
            labels = k.narrow(0, n, m).matmul(coefficients).argmax(1).MoveToOuterDisposeScope();
        }
    }

    private void Check(LabelledDomain source, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(source);
        Guard.Pair(source.Inputs, target, sourceName: nameof(source), targetName: nameof(target));
        ClassLabels.Check(source);
        Guard.Positive(Shrinkage);
        Guard.NotNegative(AlignmentWeight);
        Guard.NotNegative(ManifoldWeight);
        Guard.InRange(Balance ?? 0, 0, Math.BitIncrement(1.0), nameof(Balance));
        ArgumentOutOfRangeException.ThrowIfLessThan(Neighbours, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Rounds, 1);
        var rows = source.Count + target.shape[0];
        MemoryNeed.Check(
            "Manifold embedded alignment",
            target,
            rows,
            rows,
            6,
            "Fit it to fewer rows, the classifier takes the others; or use JointDistributionAdaptation with Landmarks.",
            float64
        );
    }
}
