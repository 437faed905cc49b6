using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>The mean discrepancies of domains and classes in an estimated balance.</summary>
public sealed class DynamicDistributionDiscrepancyTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Tensor source = Waves.Rows(9, 5, 0.5);
    private readonly Tensor labels = arange(9, dtype: int64).remainder(3);
    private readonly Tensor target = Waves.Rows(7, 5, 2);
    private readonly Tensor probabilities = Waves.Rows(7, 3, 1).softmax(1);

    [Fact]
    public void Between_GivenBalance_IsNumPysFigure()
    {
        var value = new DynamicDistributionDiscrepancy { Balance = 0.3 }.Between(source, labels, target, probabilities);

        // 0.7 MMD (biased) + 0.3 LMMD, in NumPy.
        Assert.Equal(2.702844627601758, value.item<double>(), 10);
    }

    [Fact]
    public void Between_BalancesAtTheEnds_AreTheDiscrepanciesThemselves()
    {
        double At(double balance) =>
            new DynamicDistributionDiscrepancy { Balance = balance }
                .Between(source, labels, target, probabilities)
                .item<double>();
        var ofDomains = new MultiKernelMaximumMeanDiscrepancy { Estimator = MeanEmbeddingEstimator.Biased };

        Assert.Equal(ofDomains.Between(source, target).item<double>(), At(0), 12);
        Assert.Equal(
            new LocalMaximumMeanDiscrepancy().Between(source, labels, target, probabilities).item<double>(),
            At(1),
            12
        );
        Assert.Equal("Balance", Assert.Throws<ArgumentOutOfRangeException>(() => At(1.1)).ParamName);
    }

    [Fact]
    public void OnEpoch_KnownFeatures_EstimatesScikitLearnsBalance()
    {
        var move = eye(3, 4, float64) * 1.5;
        var (classes, ofTarget) = (arange(30, dtype: int64).remainder(3), arange(24, dtype: int64).remainder(3));
        var domains = new DomainSet(
            [new LabeledDomain(Waves.Rows(30, 4, 0.5) + move.index_select(0, classes), classes)],
            new UnlabeledDomain(Waves.Rows(24, 4, 2) + (move.index_select(0, ofTarget) * 1.2) + 0.4)
        );
        var objective = new DynamicDistributionDiscrepancy();
        Assert.Equal(0.5, objective.PresentBalance);

        objective.OnEpoch(new TrainingView(domains, new Same(), new FirstThree(), 0, 0, 0, new RandomKey(1)));

        // 2 (1 - 2 e) of scikit-learn's logistic regressions between the domains and, on average, between their classes
        // by the first three features.
        Assert.Equal(0.5092378752886836, objective.PresentBalance, 12);
    }

    [Fact]
    public void Fit_StoppedAndResumed_KeepsTheBalance()
    {
        using var folder = new TemporaryFolder();
        var checkpoints = new CheckpointOptions(folder.Path) { EverySteps = 1 };
        var (whole, first, second) = (
            new DynamicDistributionDiscrepancy(),
            new DynamicDistributionDiscrepancy(),
            new DynamicDistributionDiscrepancy()
        );
        var expected = InterruptedTraining.Run(whole);

        Assert.Null(InterruptedTraining.Run(first, checkpoints, stopAfter: 13));
        var resumed = InterruptedTraining.Run(second, checkpoints with { Resume = ResumeMode.Required });

        Assert.Equal(expected, resumed);
        Assert.Equal(whole.PresentBalance, second.PresentBalance);
        Assert.InRange(whole.PresentBalance, 0, 1);
        Assert.NotEqual(0.5, whole.PresentBalance);
        Assert.NotEqual(InterruptedTraining.Run(new DynamicDistributionDiscrepancy { Balance = 0.5 }), expected);
    }

    public void Dispose() => scope.Dispose();

    private sealed class Same : IFeatureExtractor
    {
        public Tensor Extract(Tensor inputs) => inputs.clone();
    }

    private sealed class FirstThree : ILabelPredictor
    {
        public Tensor Predict(Tensor features) => features.narrow(1, 0, 3).clone();
    }
}
