using Evaluate.Data;
using Evaluate.Measuring;
using TransferLearning;
using TransferLearning.Instance;
using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Predictors;
using static Evaluate.Measuring.EvaluationMethod;

namespace Evaluate.Tables;

/// <summary>Reviews on Amazon, praising or not.</summary>
internal static class Reviews
{
    private const int Words = 1500;

    /// <summary>All six pairs of three kinds of goods.</summary>
    public static EvaluationTable Table(string data)
    {
        var reviews = new AmazonReviews(data, Words);
        var learner = new CrossValidated([
            .. new[] { 0.1, 1, 10 }.Select(c => new LogisticRegression { InversePenalty = c, Tolerance = 1e-5 }),
        ]);
        AdaptationBuilder Learn() => new AdaptationBuilder().Learn(learner);
        AdaptationBuilder Mapped(IFeatureMapping mapping) => new AdaptationBuilder().Map(mapping).Learn(learner);
        AdaptationBuilder Weighted(IInstanceWeighting weighting) =>
            new AdaptationBuilder().Weight(weighting).Learn(learner);
        return new EvaluationTable(
            "amazon",
            "Amazon reviews",
            $"The {Words} words that stand in the most of both domains' training reviews, log(1 + count), rows of unit length; logistic regression "
                + "whose penalty three-fold cross-validation on the mapped or weighted source chooses; no target label chooses anything, but for SCL, whose default settings come from a grid that was scored on three of these pairs. Adapted to the target's "
                + "2,000 training reviews, judged on its others.",
            Measure.Accuracy,
            [
                .. from source in AmazonReviews.Domains
                from target in AmazonReviews.Domains
                where source != target
                select new EvaluationTask($"{Initial(source)} to {Initial(target)}", _ => reviews.Read(source, target)),
            ],
            [
                Unsupervised("source only", Learn()),
                Unsupervised("KMM weights", Weighted(new KernelMeanMatching { Bound = 10 })),
                Unsupervised("uLSIF weights", Weighted(new LeastSquaresImportance())),
                Unsupervised("classifier weights", Weighted(new ClassifierWeighting())),
                Unsupervised(
                    "bi-weighting",
                    new AdaptationBuilder().Add(new BiWeighting { FeaturePenalty = 0.5 }).Learn(learner)
                ),
                Unsupervised("SCL", Mapped(new StructuralCorrespondence())),
                Unsupervised("location-scale", Mapped(new LocationScale())),
                Unsupervised("CORAL, ridge 0.01", Mapped(new CorrelationAlignment { Ridge = 0.01 })),
                Unsupervised("SA", Mapped(new SubspaceAlignment())),
                Unsupervised("TCA", Mapped(new TransferComponents { Components = 100, Kernel = new LinearKernel() })),
                Unsupervised(
                    "transport, Sinkhorn 0.1",
                    Mapped(new OptimalTransport(new EntropicTransport(0.1)) { NormalizesCost = true })
                ),
            ]
        );
    }

    private static char Initial(string domain) => char.ToUpperInvariant(domain[0]);
}
