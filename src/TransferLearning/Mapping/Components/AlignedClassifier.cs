using TransferLearning.Internal;
using TransferLearning.Kernels;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// A kernel classifier over the rows of both domains that aligns distributions by pseudo labels, renewed from round to
/// round, and follows the data's manifold.
/// </summary>
internal sealed record AlignedClassifier(
    IKernel Kernel,
    double Shrinkage,
    double AlignmentWeight,
    double ManifoldWeight,
    int Neighbors,
    int Rounds
)
{
    /// <summary>What it is called in errors.</summary>
    public required string Method { get; init; }

    /// <summary>
    /// The share mu of the classes' gaps against the domains', or null where it is estimated in every round.
    /// </summary>
    public double? Balance { get; init; }

    /// <summary>What the source's rows cost.</summary>
    public ClassifierLoss Loss { get; init; }

    /// <summary>What gives the first pseudo labels.</summary>
    public ILabelLearner FirstLearner { get; init; } = new NearestNeighbor();

    /// <summary>Adds what is wrong to a plan, and says that a predictor comes out.</summary>
    public ChainPlan Plan(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        RowChecks.Vectors(plan);
        RowChecks.Classes(plan);
        return plan.WithRows(null).WithFittedPredictor();
    }

    /// <summary>The state after a map to rows of unit length and the classifier on them.</summary>
    public AdaptationState Fit(AdaptationState embedded, FitRun run, Func<IFeatureExtractor> map)
    {
        var mapped = embedded.Mapped(run.Fitted("map", map));
        var domains = mapped.Domains;
        var predictor = run.Fitted(
            "predictor",
            () => Classify(domains.PooledSources(), domains.Target.Inputs, run.Context)
        );
        return mapped.With(null, predictor);
    }

    /// <summary>Fits the classifier to rows of unit length.</summary>
    public KernelPredictor Classify(LabeledDomain source, Tensor target, FitContext? context)
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
        var edges = NeighborGraph.Weights(unit.matmul(unit.t()), (int)Math.Min(Neighbors, n + m - 1));
        edges.diagonal().fill_(1); // a row counts as a neighbor of itself, as in the authors' programs
        var manifold = NeighborGraph.NormalizedLaplacian(edges) * ManifoldWeight;
        var classes = nn.functional.one_hot(source.Labels, source.Space.Width).to(float64);
        var risk = new StructuralRisk(k, classes, manifold, Shrinkage, AlignmentWeight, Loss);
        var separation = Balance is null ? new DomainSeparation(exact, n) : null;
        var domainGap = AlignedComponents.MeanGap(n, m, rows.device) * Math.Sqrt(source.Space.Width);
        var first = FirstLearner.Fit(source);
        using var owned = first as IDisposable;
        var labels = first.Predict(target).argmax(1);
        for (var round = 0; ; round++)
        {
            context?.Report((double)round / Rounds);
            using var roundScope = NewDisposeScope();
            var pseudo = nn.functional.one_hot(labels, source.Space.Width).to(float64);
            var mu = Balance ?? separation!.Balance(classes, pseudo);
            var classGaps = ClassMeanAlignment.ClassGaps(classes, pseudo);
            var gaps = cat([domainGap * Math.Sqrt(1 - mu), classGaps * Math.Sqrt(mu)], 1);
            gaps /= gaps.t().matmul(gaps).norm().sqrt();
            var coefficients = risk.Minimize(gaps, context?.Cancellation ?? default);
            if (round == Rounds - 1)
            {
                return new KernelPredictor(kernel, rows, coefficients);
            }
            labels = k.narrow(0, n, m).matmul(coefficients).argmax(1).MoveToOuterDisposeScope();
        }
    }

    private void Check(LabeledDomain source, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(source);
        Guard.Pair(source.Inputs, target, sourceName: nameof(source), targetName: nameof(target));
        ClassLabels.Check(source);
        var rows = source.Count + target.shape[0];
        MemoryNeed.Check(
            Method,
            target,
            rows,
            rows,
            6,
            "Fit it to fewer rows, the classifier takes the others; or use JointDistributionAdaptation with Landmarks.",
            float64
        );
    }
}
