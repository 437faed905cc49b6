using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Tests.EndToEnd;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>Self-training along the domains that a transport plan lays between source and target.</summary>
public sealed class GradualSelfTrainingTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly RidgeRegression learner = new() { PenaltyScale = PenaltyScale.Absolute };
    private readonly LabeledDomain source;
    private readonly LabeledDomain target;

    public GradualSelfTrainingTests()
    {
        var move = eye(3, 4, float64) * 1.5;
        LabeledDomain Moved(long n, double start, double factor, double offset)
        {
            var labels = arange(n, dtype: int64).remainder(3);
            return new(Waves.Rows(n, 4, start) + (move.index_select(0, labels) * factor) + offset, labels);
        }
        (source, target) = (Moved(30, 0.5, 1, 0), Moved(24, 2, 1.2, 0.4));
    }

    [Theory]
    [InlineData(5, 0.1, 1.1377397530554032, 0.747032540352211)]
    [InlineData(3, 0, 1.1752627787000924, 0.5781474461051821)]
    public void Fit_RidgeRegression_IsNumPysAlgorithm(int steps, double dropped, double first, double second)
    {
        var gradual = new GradualSelfTraining(learner) { Steps = steps, DroppedShare = dropped };

        var scores = gradual.Fit(source, [target.Inputs]).Predict(target.Inputs);

        // POT's exact plan, its interpolation, and weighted ridge regression on the surest labels, in NumPy.
        Assert.Equal(first, scores[0, 0].item<double>(), 9);
        Assert.Equal(second, scores[5, 2].item<double>(), 9);
    }

    [Fact]
    public void Fit_WithADomainOnTheWay_IsNumPysAlgorithm()
    {
        var between = (source.Inputs.narrow(0, 0, 24) * 0.5) + (target.Inputs * 0.5) + 0.1;
        var gradual = new GradualSelfTraining(learner) { Steps = 2, DroppedShare = 0.2 };

        var scores = gradual.Fit(source, [between, target.Inputs]).Predict(target.Inputs);

        Assert.Equal(1.1728018519011765, scores[0, 0].item<double>(), 9);
        Assert.Equal(0.33534690901162817, scores[5, 2].item<double>(), 9);
    }

    [Fact]
    public void Fit_TargetIsTheSource_KeepsTheReading()
    {
        var predictor = new GradualSelfTraining(learner) { DroppedShare = 0 }.Fit(source, [source.Inputs]);

        // The plan sends every row to itself, so every step is plain self-training.
        var own = learner.Fit(source).Predict(source.Inputs).argmax(1);
        var taught = learner.Fit(new LabeledDomain(source.Inputs, own, space: source.Space)).Predict(source.Inputs);
        Assert.True(taught.argmax(1).equal(predictor.Predict(source.Inputs).argmax(1)).all().item<bool>());
    }

    [Fact]
    public void Fit_EntropicPlan_TakesNoMoreThanItsLargestEntries()
    {
        var seen = new Counting(learner);
        var gradual = new GradualSelfTraining(seen) { Solver = new EntropicTransport(0.5), DroppedShare = 0.25 };

        gradual.Fit(source, [target.Inputs]);

        Assert.Equal([30, 41, 41, 41, 41, 41], seen.Counts); // 54 - 13
    }

    [Fact]
    public void Fit_BadInput_IsNamed()
    {
        void Names(string name, Func<ILabelPredictor> fit) =>
            Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(fit).ParamName);

        Names("Steps", () => new GradualSelfTraining(learner) { Steps = 0 }.Fit(source, [target.Inputs]));
        Names("DroppedShare", () => new GradualSelfTraining(learner) { DroppedShare = 1 }.Fit(source, [target.Inputs]));
        Names("domains", () => new GradualSelfTraining(learner).Fit(source, []));
        Names("domains", () => new GradualSelfTraining(learner).Fit(source, [target.Inputs.narrow(1, 0, 3)]));
        var values = new LabeledDomain(source.Inputs, source.Inputs.select(1, 0));
        Names("source", () => new GradualSelfTraining(learner).Fit(values, [target.Inputs]));
    }

    [Fact]
    public void Fit_Canceled_Stops()
    {
        using var stop = new CancellationTokenSource();
        var context = new FitContext { Cancellation = stop.Token, Progress = new Stopping(stop) };

        Assert.ThrowsAny<OperationCanceledException>(() =>
            new GradualSelfTraining(learner).Fit(source, [target.Inputs], context)
        );
    }

    [Fact]
    public void Fit_OnDigits_GainsAndMoreThanOneStepDoes()
    {
        var rows = arange(1000, dtype: int64) * 5;
        var digits = new LabeledDomain(
            SmallDigits.Source.Inputs.index_select(0, rows),
            SmallDigits.Source.Labels.index_select(0, rows),
            space: SmallDigits.Source.Space
        );
        var logistic = new LogisticRegression
        {
            InversePenalty = 0.1,
            PenaltyScale = PenaltyScale.Absolute,
            Tolerance = 1e-4,
        };
        double Accuracy(ILabelPredictor predictor) =>
            Evaluation
                .AccuracyInterval.Of(predictor.Predict(SmallDigits.Target.Inputs), SmallDigits.Target.Labels)
                .Value;
        double Stepped(int steps) =>
            Accuracy(new GradualSelfTraining(logistic) { Steps = steps }.Fit(digits, [SmallDigits.Target.Inputs]));

        var (plain, once, gradual) = (Accuracy(logistic.Fit(digits)), Stepped(1), Stepped(5));

        // Measured: 60.9% in five steps, 52.9% in one, 49.1% from the source alone.
        Assert.True(
            gradual > plain + 0.05 && gradual > once + 0.03,
            $"five steps {gradual:P1}, one {once:P1}, source only {plain:P1}"
        );
    }

    public void Dispose() => scope.Dispose();

    private sealed class Counting(ILabelLearner learner) : ILabelLearner
    {
        public List<long> Counts { get; } = [];

        public ILabelPredictor Fit(LabeledDomain data)
        {
            Counts.Add(data.Count);
            return learner.Fit(data);
        }
    }

    private sealed class Stopping(CancellationTokenSource stop) : IProgress<double>
    {
        public void Report(double value) => stop.Cancel();
    }
}
