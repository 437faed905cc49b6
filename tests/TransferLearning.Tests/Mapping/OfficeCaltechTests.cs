using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>
/// The published table of Office-Caltech: 800 SURF words, rows divided by their sum, features standardized in each
/// domain, six pairs, no target label used; means over the pairs against the transferlearning repository's collection.
/// </summary>
public sealed class OfficeCaltechTests(ITestOutputHelper output) : IDisposable
{
    private static readonly (string Source, string Target)[] Pairs =
    [
        ("caltech", "amazon"),
        ("caltech", "webcam"),
        ("amazon", "caltech"),
        ("amazon", "webcam"),
        ("webcam", "caltech"),
        ("webcam", "amazon"),
    ];

    private readonly DisposeScope scope = NewDisposeScope();

    // 45.6, 39.3, 42.0, 40.0, 31.5, 30.5
    [LongFact]
    public void TransferComponentAnalysis_OnSixPairs_ReachThePublishedMean() =>
        Reaches(
            38.2,
            builder =>
                builder
                    .Map(new TransferComponentAnalysis { Kernel = null, Scale = ComponentScale.UnitWeights })
                    .Map(new UnitLength())
                    .Learn(new NearestNeighbor())
        );

    // 46.0, 37.0, 40.7, 37.0, 24.8, 27.6
    [LongFact]
    public void GeodesicFlowKernel_OnSixPairs_ReachesThePublishedMean() =>
        Reaches(35.5, builder => builder.Map(new GeodesicFlowKernel { Components = 20 }).Learn(new NearestNeighbor()));

    // No row in the collection: held above the plain principal axes' 39.5, 34.6, 39.0, 35.9, 28.2, 29.1, of which it is
    // the alignment.
    [LongFact]
    public void SubspaceAlignment_OnSixPairs_GainsOnPrincipalAxes() =>
        Reaches(
            34.4 + 2.5,
            builder => builder.Map(new SubspaceAlignment { Components = 30 }).Learn(new NearestNeighbor())
        );

    // 43.1, 39.3, 40.9, 38.0, 33.0, 29.8
    [LongFact]
    public void JointDistributionAdaptation_OnSixPairs_ReachesThePublishedMean() =>
        Reaches(
            37.4,
            builder =>
                builder
                    .Map(new UnitLength())
                    .Map(new JointDistributionAdaptation { Components = 30 })
                    .Map(new UnitLength())
                    .Learn(new NearestNeighbor())
        );

    // The collection has no row of it; its paper reports it above joint distribution adaptation.
    [LongFact]
    public void BalancedDistributionAdaptation_OnSixPairs_ReachesThePublishedMeanOfTheJointForm() =>
        Reaches(
            37.4,
            builder =>
                builder
                    .Map(new UnitLength())
                    .Map(new BalancedDistributionAdaptation { Components = 30 })
                    .Map(new UnitLength())
                    .Learn(new NearestNeighbor())
        );

    // 52.1, 46.4, 45.1, 44.4, 33.7, 36.0, by a linear support vector machine; the logistic regression stands for it.
    [LongFact]
    public void CorrelationAlignment_OnSixPairs_ReachesThePublishedMean() =>
        Reaches(
            43.0,
            builder => builder.Map(new CorrelationAlignment()).Map(new UnitLength()).Learn(new LogisticRegression())
        );

    // 51.5, 45.4, 41.5, 45.8, 33.2, 39.9
    [LongFact]
    public void JointGeometricalAndStatisticalAlignment_OnSixPairs_ReachesThePublishedMean() =>
        Reaches(
            42.9,
            builder =>
                builder
                    .Map(new UnitLength())
                    .Map(new JointGeometricalAndStatisticalAlignment())
                    .Learn(new NearestNeighbor())
        );

    // 56.5, 53.9, 43.9, 53.2, 34.0, 42.7
    [LongFact]
    public void ManifoldEmbeddedDistributionAlignment_OnSixPairs_ReachesThePublishedMean() =>
        Reaches(47.4, builder => builder.Add(new ManifoldEmbeddedDistributionAlignment()));

    // No row in the collection. The nearest neighbor on rows of unit length has a mean of 31.8.
    [LongFact]
    public void AdaptationRegularization_OnSixPairs_GainsOnTheNearestNeighbor() =>
        Reaches(34.5, builder => builder.Add(new AdaptationRegularization()));

    // No row in the collection. The same components without the change have a mean of 36.2.
    [LongFact]
    public void ConditionalLocationScale_OnSixPairs_GainsOnTheComponentsAsTheyAre() =>
        Reaches(
            38.5,
            builder =>
                builder
                    .Map(new UnitLength())
                    .Map(
                        new TransferComponentAnalysis
                        {
                            Kernel = null,
                            Components = 20,
                            Scale = ComponentScale.UnitWeights,
                        }
                    )
                    .Map(new ConditionalLocationScale())
                    .Learn(new NearestNeighbor())
        );

    // No row in the collection. Without the divergence the mean is 31.8.
    [LongFact]
    public void TransferSubspaceLearning_OnSixPairs_GainsOnItsObjectiveAlone() =>
        Reaches(
            35.5,
            builder =>
                builder
                    .Map(new UnitLength())
                    .Map(
                        new TransferSubspaceLearning
                        {
                            Objective = new LocalityPreservation(),
                            Components = 20,
                            MaxSteps = 30,
                        }
                    )
                    .Learn(new NearestNeighbor())
        );

    // No row in the collection. The nearest neighbor on the rows as they are has a mean of 24.7, on rows of unit length
    // 31.8.
    [LongFact]
    public void DomainInvariantPartialLeastSquares_OnSixPairs_GainOnTheRowsAsTheyAre() =>
        Reaches(
            35.5,
            builder =>
                builder
                    .Map(new UnitLength())
                    .Map(new DomainInvariantPartialLeastSquares { Components = 20, Penalty = 100 })
                    .Learn(new RidgeRegression(0))
        );

    // No row in the collection. The nearest neighbor on the rows as they are has a mean of 24.7, on rows of unit length
    // 31.8.
    [LongFact]
    public void TransferJointMatching_OnSixPairs_GainsOnTheRowsAsTheyAre() =>
        Reaches(
            34.5,
            builder =>
                builder
                    .Map(new UnitLength())
                    .Map(new TransferJointMatching { Rounds = 5 })
                    .Map(new UnitLength())
                    .Learn(new NearestNeighbor())
        );

    // No row in the collection. The nearest class mean without alignment has a mean of 41.4.
    [LongFact]
    public void EasyTransferLearning_OnSixPairs_GainsOnTheNearestClassMean() =>
        Reaches(43.5, builder => builder.Map(new CorrelationAlignment()).Add(new EasyTransferLearning()));

    // No row in the collection: held against the plain components' 45.6, 39.3, 42.0, 40.0, 31.5, 30.5.
    [LongFact]
    public void SemiSupervisedTransferComponentAnalysis_OnSixPairs_ReachThePublishedMeanOfThePlainOnes() =>
        Reaches(
            38.2,
            builder =>
                builder
                    .Map(
                        new SemiSupervisedTransferComponentAnalysis
                        {
                            Kernel = null,
                            Scale = ComponentScale.UnitWeights,
                        }
                    )
                    .Map(new UnitLength())
                    .Learn(new NearestNeighbor())
        );

    public void Dispose() => scope.Dispose();

    private void Reaches(double published, Func<AdaptationBuilder, AdaptationBuilder> compose)
    {
        var file = SharedData.File("office_caltech", "surf800_acw.npz");

        var reached = Pairs
            .Select(pair => Accuracy(file, pair.Source, pair.Target, compose(new AdaptationBuilder())))
            .ToList();

        output.WriteLine($"{string.Join(", ", reached.Select(r => $"{r:F1}"))}; mean {reached.Average():F2}");
        Assert.True(reached.Average() >= published - 1, $"the mean is {reached.Average():F2}");
    }

    private static double Accuracy(string file, string sourceName, string targetName, AdaptationBuilder builder)
    {
        using var inner = NewDisposeScope();
        var (source, target) = (Domain(file, sourceName), Domain(file, targetName));
        using var model = builder.Fit(source, target.WithoutLabels());
        return 100 * model.PredictClasses(target.Inputs).eq(target.Labels).to(float64).mean().item<double>();
    }

    private static LabeledDomain Domain(string file, string name)
    {
        var counts = NumpyBytes.Read(file, name + "_x").to(float64);
        var shares = counts / counts.sum(1, keepdim: true);
        var spread = shares.std(0, unbiased: false);
        var standard = (shares - shares.mean([0L])) / where(spread > 0, spread, ones_like(spread));
        return new LabeledDomain(standard, NumpyBytes.Read(file, name + "_y"), space: LabelSpace.Classes(10));
    }
}
