using TransferLearning.Instance;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Instance;

/// <summary>
/// Boosting of regressions, and of several sources: a wave whose source is half right and half upside down.
/// </summary>
public sealed class RegressionBoostingTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void TwoStage_HalfOfTheSourceContradicts_BeatsPooledRows()
    {
        var (source, few, test) = Waves();
        var learner = new DecisionTree { MaxDepth = 3 };

        using var boosted = new TwoStageTrAdaBoostR2(learner)
        {
            Steps = 8,
            Rounds = 5,
            Folds = 4,
        }.Fit(source, few);
        var pooled = learner.Fit(new LabeledDomain(cat([source.Inputs, few.Inputs]), cat([source.Labels, few.Labels])));

        Assert.True(Error(boosted, test) < 0.6 * Error(pooled, test), $"{Error(boosted, test)} {Error(pooled, test)}");
    }

    [Fact]
    public void OneStage_HalfOfTheSourceContradicts_BeatsPooledRows()
    {
        var (source, few, test) = Waves();
        var learner = new DecisionTree { MaxDepth = 3 };

        using var boosted = new TrAdaBoostR2(learner) { Rounds = 20 }.Fit(source, few);
        var pooled = learner.Fit(new LabeledDomain(cat([source.Inputs, few.Inputs]), cat([source.Labels, few.Labels])));

        Assert.True(Error(boosted, test) < Error(pooled, test), $"{Error(boosted, test)} {Error(pooled, test)}");
        Assert.True(boosted.Rounds[^1].SourceShare < boosted.Rounds[0].SourceShare);
    }

    [Fact]
    public void WeightedMedian_KnownAnswers_TakesTheFirstToReachHalf()
    {
        using var median = new WeightedMedian([new Constant(3), new Constant(1), new Constant(2)], [1, 1, 3], []);

        Assert.Equal([2.0], median.Predict(zeros(1, 1, float64)).data<double>().ToArray());
        using var even = new WeightedMedian([new Constant(3), new Constant(1)], [1, 1], []);
        Assert.Equal([1.0], even.Predict(zeros(1, 1, float64)).data<double>().ToArray());
    }

    [Fact]
    public void WeightedMedian_SavedAndLoaded_IsTheSame()
    {
        using var folder = new TemporaryFolder();
        var (source, few, test) = Waves();
        WeightedMedian? median = new TrAdaBoostR2(DecisionTree.Stump) { Rounds = 5 }.Fit(source, few);
        using (var saving = StateBag.ForSaving())
        {
            saving.Part("median", ref median);
            saving.Write(folder.File("median"));
        }
        using var loading = StateBag.Read(folder.File("median"));
        WeightedMedian? loaded = null;
        loading.Part("median", ref loaded);

        Assert.True(loaded!.Predict(test.Inputs).equal(median!.Predict(test.Inputs)).all().item<bool>());
        Assert.Equal(median.Rounds, loaded.Rounds);
    }

    [Fact]
    public void Fit_PerfectLearner_StaysFinite()
    {
        var rows = arange(10, dtype: float64).unsqueeze(1);
        var domain = new LabeledDomain(rows, rows.squeeze(1) * 2);

        using var median = new TrAdaBoostR2(new RidgeRegression(0)) { Rounds = 4 }.Fit(domain, domain);

        Assert.True(median.Predict(rows).squeeze(1).allclose(domain.Labels, 1e-6, 1e-6));
    }

    [Fact]
    public void Errors_OfARowWithoutWeight_DoNotScaleTheOthers()
    {
        var values = tensor(new[] { 1.0, 2, 1000 });
        var domain = new LabeledDomain(zeros(3, 1, float64), values, tensor(new[] { 1.0, 1, 0 }));

        var errors = RegressionErrors.Of(new Constant(0), domain);

        Assert.Equal([0.5, 1, 1], errors.data<double>().ToArray());
    }

    [Fact]
    public void Fit_Classes_AreRefused()
    {
        var (source, few) = (Toy.Source(rows: 20), Toy.LabeledTarget(rows: 10));

        Assert.Throws<ArgumentException>(() => new TrAdaBoostR2(DecisionTree.Stump).Fit(source, few));
        Assert.Throws<ArgumentException>(() => new TwoStageTrAdaBoostR2(DecisionTree.Stump).Fit(source, few));
    }

    [Fact]
    public void Folds_MoreThanTargetRows_AreNamed()
    {
        var (source, few, _) = Waves();

        var fault = Assert.Throws<ArgumentOutOfRangeException>(() =>
            new TwoStageTrAdaBoostR2(DecisionTree.Stump) { Folds = 100 }.Fit(source, few)
        );

        Assert.Equal("Folds", fault.ParamName);
    }

    [Fact]
    public void MultiSource_OneSourceContradicts_ListensToTheOther()
    {
        var (inputs, labels) = Toy.Clouds(200, 1);
        var good = new LabeledDomain(inputs, labels);
        var bad = new LabeledDomain(inputs, 1 - labels);
        var (fewInputs, fewLabels) = Toy.Clouds(6, 2);
        var (test, testLabels) = Toy.Clouds(300, 3);

        using var vote = new MultiSourceTrAdaBoost(new LogisticRegression()) { Rounds = 10 }.Fit(
            [bad, good],
            new LabeledDomain(fewInputs, fewLabels)
        );

        Assert.Equal(10, vote.Rounds.Count);
        Assert.True(vote.Predict(test).argmax(1).eq(testLabels).to(float64).mean().item<double>() > 0.9);
    }

    [Fact]
    public void Dynamic_RightSourceRows_KeepMoreOfTheirShare()
    {
        var (source, target) = (Toy.Source(rows: 200), Toy.LabeledTarget(rows: 40));
        double Share(bool isDynamic)
        {
            var boosting = new TrAdaBoost(DecisionTree.Stump) { Rounds = 10, IsDynamic = isDynamic };
            using var vote = boosting.Fit(source, target);
            return vote.Rounds[^1].SourceShare;
        }

        Assert.True(Share(isDynamic: true) > Share(isDynamic: false));
    }

    // Of two equal rows it does not matter which one holds the weight of both; between different rows it does.
    [Fact]
    public void TwoStage_SourceWeights_AreTheInitialOnes()
    {
        var (once, few, test) = Waves();
        var source = new LabeledDomain(once.Inputs.repeat(2, 1), once.Labels.repeat(2));
        var isFirst = arange(source.Count, dtype: float64).lt(once.Count).to(float64);
        var isUpper = source.Inputs.select(1, 1).gt(2).to(float64);
        var boosting = new TwoStageTrAdaBoostR2(new RidgeRegression(1e-3))
        {
            Steps = 3,
            Rounds = 3,
            Folds = 3,
        };
        Tensor Predicted(Tensor weights)
        {
            using var fitted = boosting.Fit(source.WithWeights(weights + 1e-12), few);
            return fitted.Predict(test.Inputs);
        }

        var even = Predicted(ones_like(isFirst));

        Assert.True(Predicted(isFirst).allclose(even, 0, 1e-9));
        Assert.True((Predicted(isUpper) - even).abs().max().item<double>() > 0.1);
    }

    // A large error at such a row would decide which step is best.
    [Fact]
    public void TwoStage_TargetRowsOfWeightZero_DoNotCount()
    {
        var (source, few, test) = Waves();
        var isOut = arange(few.Count, dtype: float64).remainder(4).eq(0);
        var boosting = new TwoStageTrAdaBoostR2(new RidgeRegression(1e-3))
        {
            Steps = 4,
            Rounds = 3,
            Folds = 3,
        };
        Tensor Predicted(double value)
        {
            var labels = few.Labels.masked_fill(isOut, value);
            using var fitted = boosting.Fit(
                source,
                new LabeledDomain(few.Inputs, labels, isOut.logical_not().to(float64))
            );
            return fitted.Predict(test.Inputs);
        }

        Assert.True(Predicted(1000).allclose(Predicted(-1000), 0, 1e-9));
    }

    [Fact]
    public void Fit_CanceledWhileItBoosts_Stops()
    {
        var (source, few, _) = Waves();
        using var stop = new CancellationTokenSource();
        var fits = 0;
        var learner = new Counting(() =>
        {
            if (++fits == 3)
            {
                stop.Cancel();
            }
        });
        var context = new FitContext { Cancellation = stop.Token };

        Assert.ThrowsAny<OperationCanceledException>(() => new TwoStageTrAdaBoostR2(learner).Fit(source, few, context));
        Assert.Equal(3, fits);
    }

    [Fact]
    public void MultiSource_OtherLabelSpaceOrCap_IsRefused()
    {
        var boosting = new MultiSourceTrAdaBoost(DecisionTree.Stump);
        var (three, two) = (Toy.Source(rows: 30, classes: 3), Toy.LabeledTarget(rows: 10));
        void Names(string name, Action fit) => Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(fit).ParamName);

        // The voters know three classes, the vote would have had two.
        Names("sources", () => boosting.Fit([three], two));
        Names(
            "ErrorCap",
            () => new MultiSourceTrAdaBoost(DecisionTree.Stump) { ErrorCap = 0.6 }.Fit([Toy.Source(rows: 30)], two)
        );
    }

    [Fact]
    public void Fit_NoSources_NamesThem() =>
        Assert.Equal(
            "sources",
            Assert.Throws<ArgumentException>(() => new ExpBoostR2(DecisionTree.Stump).Fit([], Waves().Few)).ParamName
        );

    public void Dispose() => scope.Dispose();

    private static (LabeledDomain Source, LabeledDomain Few, LabeledDomain Test) Waves()
    {
        // Rows spread evenly over the square by a formula (multiples of irrational numbers), the same whoever draws.
        static (Tensor Inputs, Tensor Values) Rows(long n, long first)
        {
            var number = arange(first, first + n, dtype: float64);
            var inputs = stack([(number * 0.7548776662466927).frac(), (number * 0.5698402909980532).frac()], 1) * 4;
            return (inputs, inputs.select(1, 0).sin() * 2);
        }
        var (sourceInputs, values) = Rows(200, 1);
        // The second feature tells the upside-down half from the other one; the target lies in the right half.
        var isRight = sourceInputs.select(1, 1).gt(2);
        var source = new LabeledDomain(sourceInputs, where(isRight, values, -values));
        static LabeledDomain Target(long n, long first)
        {
            var (inputs, own) = Rows(n, first);
            return new LabeledDomain(inputs, own);
        }
        return (source, Target(24, 1001), Target(300, 2001));
    }

    private static double Error(ILabelPredictor predictor, LabeledDomain test) =>
        (predictor.Predict(test.Inputs).squeeze(1) - test.Labels).square().mean().sqrt().item<double>();

    private sealed class Counting(Action fitted) : ILabelLearner
    {
        public ILabelPredictor Fit(LabeledDomain data)
        {
            fitted();
            return DecisionTree.Stump.Fit(data);
        }
    }

    private sealed class Constant(double value) : ILabelPredictor
    {
        public Tensor Predict(Tensor features) => full(features.shape[0], 1, value, features.dtype);
    }
}
