using TransferLearning.Evaluation;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.SelfTraining;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Metrics;

public sealed class DomainStreamTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly LabeledDomain source = Toy.Source(rows: 320);
    private readonly LabeledDomain[] turned = [.. new[] { 0.5, 1.0, 1.5 }.Select(Turned)];
    private readonly ModulePart extractor;
    private readonly ModulePart predictor;

    public DomainStreamTests()
    {
        Toy.SeedModules(5);
        (extractor, predictor) = (Toy.Extractor(), Toy.Predictor());
    }

    [Fact]
    public void Result_OfSomeAccuracies_HasTheirTransferAndForgetting()
    {
        static IReadOnlyList<AccuracyInterval> Line(params long[] right) =>
            [.. right.Select(it => AccuracyInterval.Of(it, 100))];
        // The source, then two targets.
        var result = new StreamResult([Line(90, 60, 50), Line(85, 80, 55), Line(70, 72, 75)]);

        Assert.Equal([0.8, 0.75], result.OnArrival.Select(it => it.Value));
        Assert.Equal(0.775, result.MeanOnArrival, 1e-12);
        Assert.Equal((0.7 + 0.72 + 0.75) / 3, result.MeanAtTheEnd, 1e-12);
        Assert.Equal(0.72 - 0.8, result.BackwardTransfer, 1e-12);
        Assert.Equal(((0.9 - 0.7) + (0.8 - 0.72)) / 2, result.Forgetting, 1e-12);
        Assert.Contains("forgetting 14.0", result.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, new StreamResult([Line(90, 60), Line(85, 80)]).BackwardTransfer);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Run_ModelCarriedAlongATurn_ReadsTheEndBetterThanTheStartDoes(bool isSourceFree)
    {
        using var start = Trained();
        var stream = new DomainStream
        {
            Source = source,
            Targets = turned,
            IsSourceFree = isSourceFree,
        };

        var result = stream.Run(start, _ => Chain(isSourceFree), Options(60));

        Assert.Equal((4, 4), (result.Accuracies.Count, result.Accuracies[0].Count));
        Assert.True(result.Accuracies[0][0].Value > 0.95);
        if (isSourceFree)
        {
            Assert.True(result.OnArrival[^1].Value > result.Accuracies[0][3].Value + 0.1, result.ToString());
        }
        else
        {
            Assert.True(result.Accuracies[^1][0].Value > 0.9, result.ToString()); // the source is not forgotten
        }
    }

    [Fact]
    public void Run_ModelThatMapsTheSourceAlone_ReadsTheSourceAsItsSource()
    {
        using var start = Trained();
        var stream = new DomainStream { Source = source, Targets = [turned[0]] };

        var result = stream.Run(
            start,
            _ => new AdaptationBuilder().Map(new MirroredSource()).Learn(new LogisticRegression())
        );

        Assert.True(result.Accuracies[1][0].Value > 0.95, result.ToString());
        Assert.True(result.Accuracies[1][1].Value < 0.2, result.ToString()); // its classes are mirrored
    }

    [Fact]
    public void Run_OfWhatIsNoStream_IsRefused()
    {
        using var start = Trained();
        void Refuses(DomainStream stream, FitOptions? options = null) =>
            Assert.Throws<ArgumentException>(() => stream.Run(start, _ => Chain(true), options));

        Refuses(new DomainStream { Source = source, Targets = [] });
        Refuses(new DomainStream { Source = source, Targets = [Toy.LabeledTarget(classes: 3)] });
        Refuses(
            new DomainStream { Source = source, Targets = turned },
            new FitOptions { Checkpoints = new CheckpointOptions("nowhere") }
        );
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        Assert.Throws<OperationCanceledException>(() =>
            new DomainStream { Source = source, Targets = turned }.Run(
                start,
                _ => Chain(false),
                cancellationToken: stopped.Token
            )
        );
    }

    public void Dispose() => scope.Dispose();

    /// <summary>Turns source rows about 0 and leaves the target's.</summary>
    private sealed class MirroredSource : IFeatureMapping
    {
        public IFeatureExtractor Fit(DomainSet domains, FitContext context) =>
            new PerDomainExtractor(new Mirror(), ExtractorChain.Of());
    }

    private sealed class Mirror : IFeatureExtractor
    {
        public Tensor Extract(Tensor inputs) => -inputs;
    }

    private static LabeledDomain Turned(double angle)
    {
        var (inputs, labels) = Toy.Clouds(160, 3, angle: angle);
        return new LabeledDomain(inputs, labels, space: LabelSpace.Classes(2));
    }

    private static FitOptions Options(int steps) =>
        new()
        {
            Training = new TrainingOptions { Steps = steps, BatchSize = 64 },
        };

    private AdaptedModel Trained() =>
        new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
            .FitWithoutTarget([source], Options(100));

    private AdaptationBuilder Chain(bool isSourceFree) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
            {
                if (!isSourceFree)
                {
                    net.Minimize(new CrossEntropy());
                }
                net.Minimize(new PseudoLabels { Threshold = 0.6 });
            }
        );
}
