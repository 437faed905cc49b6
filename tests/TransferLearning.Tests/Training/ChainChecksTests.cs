using TransferLearning.Adversarial;
using TransferLearning.Instance;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Training;

/// <summary>Every fault is found before anything is computed, and all are told at once.</summary>
public sealed class ChainChecksTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly ModulePart extractor = Toy.Extractor();
    private readonly ModulePart predictor = Toy.Predictor();

    private static UnlabelledDomain Target => Toy.LabelledTarget().WithoutLabels();

    [Fact]
    public void Fit_EmptyChain_SaysThereIsNoStage() =>
        Faulty(new AdaptationBuilder(), Toy.Source(), Target, "no stage");

    [Fact]
    public void Fit_WithoutPredictor_SaysSo() =>
        Faulty(
            new AdaptationBuilder().Map(new CorrelationAlignment()),
            Toy.Source(),
            Target,
            "no stage supplies a label predictor"
        );

    [Fact]
    public void Fit_ExtractorOfAnotherWidth_NamesStageAndShape()
    {
        using var wide = nn.Linear(5, 8);
        Faulty(
            new AdaptationBuilder().Train(wide.AsPart(), predictor, net => net.Minimize(new CrossEntropy())),
            Toy.Source(),
            Target,
            "stage 0 (NetworkTraining): the network does not accept the rows of source 0"
        );
    }

    [Fact]
    public void Fit_CriticOfAnotherWidth_IsFoundByTheRehearsal()
    {
        using var critic = nn.Linear(9, 1);
        Faulty(
            new AdaptationBuilder().Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Oppose(critic.AsPart())
            ),
            Toy.Source(),
            Target,
            "objective DomainAdversary"
        );
    }

    [Fact]
    public void Fit_PredictorWithTooFewClasses_NamesTheLabels()
    {
        var source = Toy.Source(classes: 3);
        Faulty(
            new AdaptationBuilder().Train(extractor, predictor, net => net.Minimize(new CrossEntropy())),
            source,
            Target,
            "the labels need [4, 3] (3 classes)"
        );
    }

    [Fact]
    public void Fit_SeveralFaults_ListsAll()
    {
        var bad = Toy.Clouds(10, 1).Inputs;
        bad[3, 1] = float.NaN;
        var source = new LabelledDomain(bad, zeros(10, int64));
        var target = new UnlabelledDomain(zeros(1, 7));
        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Learn(new NearestNeighbour())
                .Fit(
                    source,
                    target,
                    new FitOptions
                    {
                        Training = new TrainingOptions { BatchSize = 1, Epochs = 0 },
                    }
                )
        );
        Assert.Equal(4, fault.Faults.Count);
        Assert.Contains(fault.Faults, text => text.Contains("NaN", StringComparison.Ordinal));
        Assert.Contains(fault.Faults, text => text.Contains("target: has 1 example(s)", StringComparison.Ordinal));
        Assert.Contains(fault.Faults, text => text.Contains("Epochs", StringComparison.Ordinal));
        Assert.Contains(fault.Faults, text => text.Contains("batches need at least 2 rows", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_RowsOfDifferentWidths_NamesBoth() =>
        Faulty(
            new AdaptationBuilder().Learn(new NearestNeighbour()),
            Toy.Source(),
            new UnlabelledDomain(zeros(9, 5)),
            "rows have shape [5], those of source 0 [4]"
        );

    [Fact]
    public void Fit_SourcesWithDifferentLabelSpaces_SaysHowToAgree()
    {
        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder().Learn(new NearestNeighbour()).Fit([Toy.Source(), Toy.Source(classes: 3)], Target)
        );
        Assert.Contains("LabelSpace", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_BoostingWithoutLabelledTarget_SaysWhatToCall() =>
        Faulty(
            new AdaptationBuilder().Add(new TransferBoosting(new LogisticRegression())),
            Toy.Source(),
            Target,
            "call FitFewShot"
        );

    [Fact]
    public void Fit_ShallowStageOnImages_SaysWhatToDo() =>
        Faulty(
            new AdaptationBuilder().Learn(new NearestNeighbour()),
            Toy.Images(),
            Toy.Images(seed: 4).WithoutLabels(),
            "flatten the inputs"
        );

    [Fact]
    public void Fit_UnregisteredParameters_AreAFaultNotSilence()
    {
        using var silent = nn.Sequential(nn.ReLU());
        Faulty(
            new AdaptationBuilder().Train(
                silent.AsPart(),
                nn.Linear(4, 2).AsPart(),
                net => net.Minimize(new CrossEntropy())
            ),
            Toy.Source(),
            Target,
            "has no trainable parameters"
        );
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Fit_ObjectiveThatThrows_KeepsTheExceptionAndItsStack(int count)
    {
        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Train(
                    extractor,
                    predictor,
                    net => Enumerable.Range(0, count).ToList().ForEach(_ => net.Minimize(new Throwing()))
                )
                .Fit(Toy.Source(), Target)
        );

        Assert.Equal(count, fault.Faults.Count);
        var causes = fault.InnerException is AggregateException several
            ? several.InnerExceptions
            : [fault.InnerException!];
        Assert.Equal(count, causes.Count);
        Assert.All(
            causes,
            cause =>
                Assert.Contains(
                    $"{nameof(Throwing)}.{nameof(Throwing.Evaluate)}",
                    cause.StackTrace,
                    StringComparison.Ordinal
                )
        );
        Assert.All(causes, cause => Assert.IsType<NotSupportedException>(cause));
    }

    [Theory]
    [InlineData("negative")]
    [InlineData("nan")]
    [InlineData("short")]
    public void LabelledDomain_BadWeights_AreRefused(string kind)
    {
        var (inputs, labels) = Toy.Clouds(6, 1);
        var weights = kind switch
        {
            "negative" => tensor(new[] { 1f, 1, -1, 1, 1, 1 }),
            "nan" => tensor(new[] { 1f, 1, float.NaN, 1, 1, 1 }),
            _ => ones(5),
        };
        var fault = Assert.Throws<ArgumentException>(() => new LabelledDomain(inputs, labels, weights));
        Assert.Equal("weights", fault.ParamName);
    }

    public void Dispose()
    {
        extractor.Dispose();
        predictor.Dispose();
        scope.Dispose();
    }

    private static void Faulty(
        AdaptationBuilder builder,
        LabelledDomain source,
        UnlabelledDomain target,
        string expected
    )
    {
        var fault = Assert.Throws<InvalidAdaptationException>(() => builder.Fit(source, target));
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    private sealed class Throwing : IObjective
    {
        public Tensor Evaluate(StepContext step) => throw new NotSupportedException("not on this machine");
    }
}
