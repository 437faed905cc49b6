using Evaluate.Data;
using Evaluate.Measuring;
using TransferLearning;
using TransferLearning.Instance;
using TransferLearning.Mapping;
using TransferLearning.Predictors;
using static Evaluate.Measuring.EvaluationMethod;
using static Evaluate.Tables.Chains;

namespace Evaluate.Tables;

/// <summary>Seven kinds of things as photographs, paintings and cartoons: 2,731 images of PACS (Li 2017).</summary>
internal static class Pacs
{
    /// <summary>512 features of an ImageNet ResNet-18, all six pairs, every method as it comes.</summary>
    public static EvaluationTable Table(string data)
    {
        var archive = new LabeledArchive(Path.Combine(data, "pacs", "pacs3_resnet18_512.npz"), classes: 7);
        string[] domains = ["photo", "art", "cartoon"];
        var tasks = domains.SelectMany(source =>
            domains
                .Where(target => target != source)
                .Select(target => new EvaluationTask(
                    $"{char.ToUpperInvariant(source[0])} to {char.ToUpperInvariant(target[0])}",
                    _ => new TaskData(
                        archive.HalfFeatures(source, DomainRows.OfUnitLength),
                        archive.HalfFeatures(target, DomainRows.OfUnitLength)
                    )
                ))
        );
        return new EvaluationTable(
            "pacs",
            "PACS, ResNet-18 features",
            "512 features of photographs (P), paintings (A) and cartoons (C), rows of unit length; the nearest "
                + "neighbor as learner where nothing else is said. Every setting is its method's default.",
            Measure.Accuracy,
            [.. tasks],
            [
                Unsupervised("1-NN", Nearest()),
                Unsupervised("logistic regression", Learned(new LogisticRegression())) with
                {
                    Baseline = "logistic regression",
                },
                Unsupervised("linear SVM", Learned(new LinearSupportVectorMachine())) with
                {
                    Baseline = "linear SVM",
                },
                Unsupervised("CORAL", Nearest(new CorrelationAlignment())),
                Unsupervised(
                    "CORAL, logistic regression",
                    Learned(new LogisticRegression(), new CorrelationAlignment())
                ) with
                {
                    Baseline = "logistic regression",
                },
                Unsupervised(
                    "CORAL, linear SVM",
                    Learned(new LinearSupportVectorMachine(), new CorrelationAlignment())
                ) with
                {
                    Baseline = "linear SVM",
                },
                Unsupervised("SA", Nearest(new SubspaceAlignment())),
                Unsupervised("GFK", Nearest(new GeodesicFlowKernel())),
                Unsupervised("TCA", Nearest(new TransferComponentAnalysis())),
                Unsupervised("semi-supervised TCA", Nearest(new SemiSupervisedTransferComponentAnalysis())),
                Unsupervised("TJM", Nearest(new TransferJointMatching())),
                Unsupervised("JDA", Nearest(new JointDistributionAdaptation())),
                Unsupervised("BDA", Nearest(new BalancedDistributionAdaptation())),
                Unsupervised("JGSA", Nearest(new JointGeometricalAndStatisticalAlignment())),
                Unsupervised("EasyTL", new AdaptationBuilder().Add(new EasyTransferLearning())),
                Unsupervised("MEDA", new AdaptationBuilder().Add(new ManifoldEmbeddedDistributionAlignment())),
                Unsupervised("ARTL", new AdaptationBuilder().Add(new AdaptationRegularization())),
                Unsupervised("location-scale", Nearest(new LocationScale())),
                Unsupervised("linear Monge map", Nearest(new LinearMongeMap())),
                Unsupervised("transport, exact", Nearest(new OptimalTransport(new ExactTransport()))),
                Unsupervised("fMMD", Nearest(new InvariantFeatureSelection())),
                Unsupervised(
                    "KMM, logistic regression",
                    new AdaptationBuilder().Weight(new KernelMeanMatching()).Learn(new LogisticRegression())
                ) with
                {
                    Baseline = "logistic regression",
                },
                Unsupervised(
                    "uLSIF, logistic regression",
                    new AdaptationBuilder().Weight(new LeastSquaresImportanceFitting()).Learn(new LogisticRegression())
                ) with
                {
                    Baseline = "logistic regression",
                },
                Unsupervised(
                    "classifier weights, logistic regression",
                    new AdaptationBuilder().Weight(new ClassifierWeighting()).Learn(new LogisticRegression())
                ) with
                {
                    Baseline = "logistic regression",
                },
                Unsupervised(
                    "DASVM, logistic regression",
                    new AdaptationBuilder().Add(new ProgressiveReplacement(new LogisticRegression()))
                ) with
                {
                    Baseline = "logistic regression",
                },
                Unsupervised(
                    "GOAT, logistic regression",
                    new AdaptationBuilder().Add(new GradualSelfTraining(new LogisticRegression()))
                ) with
                {
                    Baseline = "logistic regression",
                },
                Unsupervised("SOT", new AdaptationBuilder().Add(new SubstructuralOptimalTransport())),
                Unsupervised(
                    "label propagation, exact transport",
                    new AdaptationBuilder().Add(new TransportLabelPropagation())
                ),
            ]
        )
        {
            Baseline = "1-NN",
        };
    }
}
