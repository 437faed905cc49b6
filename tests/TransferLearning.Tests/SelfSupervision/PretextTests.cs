using TransferLearning.Evaluation;
using TransferLearning.Objectives;
using TransferLearning.SelfSupervision;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.SelfSupervision;

/// <summary>Predictive coding, rotations, struck features, and what is read off a representation.</summary>
public sealed class PretextTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void ContrastivePredictiveCoding_OfTwoTimesAhead_IsTheMeanOfTheirEstimates()
    {
        var (latents, guesses) = (Random(1, 4, 5, 3), Random(2, 4, 5, 6));

        var loss = ContrastivePredictiveCoding.Of(latents, guesses, 0.7).item<double>();

        double Ahead(int s) =>
            Enumerable
                .Range(0, 5 - s)
                .Average(t =>
                    ContrastivePredictiveCoding
                        .InfoNce(guesses.select(1, t).narrow(1, 3 * (s - 1), 3), latents.select(1, t + s), 0.7)
                        .item<double>()
                );
        Assert.Equal((Ahead(1) + Ahead(2)) / 2, loss, 1e-12);
        Assert.Throws<ArgumentException>("guesses", () => ContrastivePredictiveCoding.Of(latents, Random(3, 4, 5, 15)));
        Assert.Throws<ArgumentException>("guesses", () => ContrastivePredictiveCoding.Of(latents, Random(3, 4, 5, 4)));
    }

    [Fact]
    public void ContrastivePredictiveCoding_OfAMapOfPatches_ReadsEachColumnDownwards()
    {
        var maps = Random(4, 2, 3, 4, 2).to(float32); // 2 images, 3 channels, 4 rows, 2 columns
        var target = new UnlabeledBatch(maps, DomainId.Target, arange(2, dtype: int64));
        var identity = nn.Identity().AsPart();
        using var predictor = Toy.Predictor();
        var objective = new ContrastivePredictiveCoding(identity, identity, identity)
        {
            Domains = ViewedDomains.Target,
        };

        var loss = objective.Evaluate(StepContext.For(new StepBatch([], target), identity, predictor)).item<float>();

        var columns = Enumerable
            .Range(0, 4)
            .Select(i => maps[i / 2].select(2, i % 2).t()) // [4 rows, 3 channels]
            .ToArray();
        var expected = Enumerable
            .Range(0, 3)
            .Average(t =>
                ContrastivePredictiveCoding
                    .InfoNce(stack(columns.Select(it => it[t])), stack(columns.Select(it => it[t + 1])))
                    .item<float>()
            );
        Assert.Equal(expected, loss, 1e-5);
    }

    [Fact]
    public void ContrastivePredictiveCoding_OfWalks_LearnsWhereTheyGo()
    {
        Toy.SeedModules(2);
        using var encoder = new ModulePart(() => nn.Sequential(nn.Unflatten(1, [6, 2]), nn.Linear(2, 4)));
        using var context = nn.Linear(4, 4);
        using var predictions = nn.Linear(4, 4);
        using var extractor = nn.Sequential((nn.Module<Tensor, Tensor>)encoder.Module, nn.Flatten());
        using var predictor = nn.Linear(24, 2);
        var (source, target) = (Walks(1), Walks(2));
        var objective = Recipes.Cpc(encoder, context.AsPart(), predictions.AsPart());
        double Loss()
        {
            using var quiet = no_grad();
            var batch = new UnlabeledBatch(target.Inputs, DomainId.Target, arange(64, dtype: int64));
            var alone = new ContrastivePredictiveCoding(encoder, context.AsPart(), predictions.AsPart())
            {
                Domains = ViewedDomains.Target,
            };
            return alone
                .Evaluate(StepContext.For(new StepBatch([], batch), extractor.AsPart(), predictor.AsPart()))
                .item<float>();
        }
        var before = Loss();

        new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy(), 0.1).SelfSupervise(objective))
            .Fit(
                source,
                target.WithoutLabels(),
                new FitOptions
                {
                    Training = new TrainingOptions { Steps = 150, Optimizer = p => optim.Adam(p, 0.02) },
                }
            )
            .Dispose();

        Assert.True(Loss() < before - 1, $"{before} becomes {Loss()} of log 64 = {Math.Log(64)}");
    }

    [Fact]
    public void RotationPrediction_OfImages_TurnsThemAllFourWays()
    {
        var images = Random(5, 3, 2, 4, 4);

        var (turned, turns) = RotationPrediction.Of(images);

        Assert.Equal([12L, 2L, 4L, 4L], turned.shape);
        Assert.Equal([0L, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3], turns.data<long>().ToArray());
        Assert.True(turned.narrow(0, 0, 3).equal(images).all().item<bool>());
        Assert.True(turned.narrow(0, 6, 3).equal(images.flip(2, 3)).all().item<bool>());
        Assert.True(turned.narrow(0, 9, 3).rot90(1, (2, 3)).equal(images).all().item<bool>());
        Assert.Throws<ArgumentException>("images", () => RotationPrediction.Of(zeros(2, 1, 3, 4)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void RotationPrediction_OfStripes_IsLearned(bool drawsTurns)
    {
        Toy.SeedModules(4);
        using var extractor = nn.Sequential(nn.Flatten(), nn.Linear(64, 16), nn.ReLU());
        using var predictor = nn.Linear(16, 2);
        using var head = nn.Linear(16, 4);
        var source = Brighter(1);
        var objective = Recipes.RotNet(head, drawsTurns);

        new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).SelfSupervise(objective))
            .Fit(source, Brighter(2).WithoutLabels(), new FitOptions { Training = new TrainingOptions { Steps = 120 } })
            .Dispose();

        var (turned, turns) = RotationPrediction.Of(Brighter(3).Inputs);
        var read = head.call(extractor.call(turned)).argmax(1);
        Assert.True(AccuracyInterval.Of(read, turns).Value > 0.9);
    }

    [Fact]
    public void Pretext_OfRowsOfAnotherShape_IsRefusedInThePlan()
    {
        using var head = nn.Linear(8, 4);
        using var flat = nn.Sequential(nn.Flatten(), nn.Linear(64, 8));
        using var predictor = nn.Linear(8, 2);
        InvalidAdaptationException Refused(
            LabeledDomain source,
            nn.Module<Tensor, Tensor> network,
            IObjective objective
        ) =>
            Assert.Throws<InvalidAdaptationException>(() =>
                new AdaptationBuilder()
                    .Train(network, predictor, net => net.Minimize(new CrossEntropy()).Minimize(objective))
                    .Fit(source, source.WithoutLabels())
            );

        var vectors = Refused(
            Toy.Source(),
            Toy.Extractor().Module as nn.Module<Tensor, Tensor> ?? flat,
            Recipes.RotNet(head)
        );
        var images = Refused(Toy.Images(), flat, Recipes.Mae(head));

        Assert.Contains("square images", vectors.Message, StringComparison.Ordinal);
        Assert.Contains("Flatten()", images.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pretext_OfWeightedSourceRows_IsRefused()
    {
        using var head = nn.Linear(8, 4);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var (source, rows) = (Toy.Source(rows: 6), arange(6, dtype: int64));
        var weighted = new LabeledBatch(source.Inputs, source.Labels, DomainId.Source(0), rows, ones(6), source.Space);
        var batch = new StepBatch([weighted], new UnlabeledBatch(source.Inputs, DomainId.Target, rows));
        IObjective[] objectives =
        [
            Recipes.Mae(head),
            Recipes.RotNet(head),
            Recipes.SimSiam(head, head, new Noise(0.1)),
        ];
        foreach (var objective in objectives)
        {
            var fault = Assert.Throws<ArgumentException>(() =>
                objective.Evaluate(StepContext.For(batch, extractor, predictor))
            );
            Assert.Contains("example weights", fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void MaskedAutoencoding_OfRebuiltRows_CountsWhatWasStruck()
    {
        var rows = tensor(
            new[,]
            {
                { 1.0, 2, 3 },
                { 4, 5, 6 },
            }
        );
        var struck = tensor(
            new[,]
            {
                { 1.0, 0, 0 },
                { 0, 1, 0 },
            }
        );

        var loss = MaskedAutoencoding.Of(
            rows
                + tensor(
                    new[,]
                    {
                        { 2.0, 9, 9 },
                        { 9, 3, 9 },
                    }
                ),
            rows,
            struck
        );

        Assert.Equal((4 + 9) / 2.0, loss.item<double>(), 1e-12);
        Assert.Equal(0, MaskedAutoencoding.Of(rows, rows + 1, zeros_like(rows)).item<double>());
    }

    [Fact]
    public void MaskedAutoencoding_InAStep_StrikesItsShareOfEachRow()
    {
        var seen = new Seen();
        using var predictor = Toy.Predictor();
        var batch = new UnlabeledBatch(Random(6, 50, 8).to(float32) + 9, DomainId.Target, arange(50, dtype: int64));
        var objective = new MaskedAutoencoding(nn.Identity().AsPart()) { Domains = ViewedDomains.Target, Share = 0.25 };

        var value = objective.Evaluate(StepContext.For(new StepBatch([], batch), seen, predictor));

        Assert.True(seen.Inputs!.eq(0).sum(1).eq(2).all().item<bool>());
        Assert.True(seen.Inputs!.eq(0).sum(dim: 0).gt(0).all().item<bool>()); // each feature in some row
        Assert.True(value.item<float>() > 64); // of rows around 9 rebuilt as 0
    }

    [Fact]
    public void RepresentationProbe_OfRowsThemselves_ReadsWhatTheirPlacesTell()
    {
        var (fitted, judged) = (Toy.Source(rows: 100), Toy.Source(rows: 60, seed: 4));
        var itself = nn.Identity().AsPart();

        var linear = RepresentationProbe.Linear(itself, fitted, judged);
        var neighbors = RepresentationProbe.Neighbors(itself, fitted, judged, neighbors: 5);
        var blind = RepresentationProbe.Linear(new Seen { Factor = 0 }, fitted, judged);

        Assert.True(linear.Value > 0.95 && neighbors.Value > 0.95, $"{linear} and {neighbors}");
        Assert.Equal(0.5, blind.Value);
        Assert.Equal(60, linear.Count);
    }

    [Fact]
    public void RepresentationProbe_OfOneNeighbor_IsTheNearestByCosine()
    {
        var (fitted, judged) = (Toy.Source(rows: 40, classes: 3), Toy.LabeledTarget(rows: 30, classes: 3));

        var accuracy = RepresentationProbe.Neighbors(nn.Identity().AsPart(), fitted, judged, neighbors: 1);

        Tensor Unit(Tensor rows) => rows / rows.norm(1, keepdim: true);
        var nearest = Unit(judged.Inputs).matmul(Unit(fitted.Inputs).t()).argmax(1);
        Assert.Equal(AccuracyInterval.Of(fitted.Labels.index_select(0, nearest), judged.Labels), accuracy);
    }

    public void Dispose() => scope.Dispose();

    // Lines of six points, each in a direction of its own.
    private static LabeledDomain Walks(long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        var angles = rand([64, 1], generator: generator) * (2 * Math.PI);
        var times = arange(1, 7, dtype: float32);
        var points = stack([angles.cos() * times, angles.sin() * times], 2);
        return new LabeledDomain(
            points.reshape(64, 12) + (randn([64, 12], generator: generator) * 0.05),
            angles.gt(Math.PI).squeeze(1).to(int64)
        );
    }

    // Images that grow brighter downwards.
    private static LabeledDomain Brighter(long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        var labels = arange(64, dtype: int64).remainder(2);
        var rows = arange(8, dtype: float32).reshape(1, 1, 8, 1) / 4;
        return new LabeledDomain(
            rows + (rand([64, 1, 8, 8], generator: generator) * 0.5) + labels.reshape(-1, 1, 1, 1),
            labels
        );
    }

    private static Tensor Random(long seed, params long[] shape)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn(shape, dtype: float64, generator: generator);
    }

    /// <summary>Passes rows on, times a factor, and remembers them.</summary>
    private sealed class Seen : IFeatureExtractor
    {
        public double Factor { get; init; } = 1;

        public Tensor? Inputs { get; private set; }

        public Tensor Extract(Tensor inputs)
        {
            Inputs = inputs;
            return inputs * Factor;
        }
    }
}
