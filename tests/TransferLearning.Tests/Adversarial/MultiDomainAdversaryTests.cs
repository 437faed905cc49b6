using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Adversarial;

/// <summary>One critic of every domain, known label shares, and their networks for time series.</summary>
public sealed class MultiDomainAdversaryTests(ITestOutputHelper output) : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    // The critic's logits by hand: the target is number 0, the sources 1 and 2; every row counts alike.
    [Fact]
    public void Evaluate_TwoSources_IsTheCrossEntropyOfTheDomainsNumbers()
    {
        Toy.SeedModules(3);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var critic = new ModulePart(() => nn.Linear(8, 3));
        var step = Toy.Step(extractor, predictor, sources: 2);
        Tensor Logs(Tensor inputs) => critic.Predict(extractor.Extract(inputs)).log_softmax(1);

        var value = new MultiDomainAdversary(critic).Evaluate(step);

        var sum =
            Logs(step.Target.Inputs).select(1, 0).sum()
            + Logs(step.Sources[0].Inputs).select(1, 1).sum()
            + Logs(step.Sources[1].Inputs).select(1, 2).sum();
        Assert.Equal((-sum / 22).item<float>(), value.item<float>(), 1e-5);
    }

    [Fact]
    public void Evaluate_WeightsOfRows_WeighTheSourcesAlone()
    {
        Toy.SeedModules(3);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var critic = new ModulePart(() => nn.Linear(8, 2));
        var step = Toy.Step(extractor, predictor, weights: zeros(8));

        var value = new MultiDomainAdversary(critic).Evaluate(step);

        var ofTarget = critic.Predict(extractor.Extract(step.Target.Inputs)).log_softmax(1).select(1, 0).sum();
        Assert.Equal((-ofTarget / 14).item<float>(), value.item<float>(), 1e-5);
    }

    [Fact]
    public void Evaluate_Slopes_AreReversedInTheExtractorAlone()
    {
        Toy.SeedModules(3);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var critic = new ModulePart(() => nn.Linear(8, 2));
        Tensor[] Slopes(double lambda)
        {
            var value = new MultiDomainAdversary(critic, lambda).Evaluate(Toy.Step(extractor, predictor));
            return
            [
                .. autograd.grad([value], [extractor.Module.parameters().First(), critic.Module.parameters().First()]),
            ];
        }

        var (one, half) = (Slopes(1), Slopes(0.5));

        Assert.True(half[0].allclose(one[0] * 0.5, 1e-4, 1e-7));
        Assert.True(half[1].allclose(one[1], 1e-5, 1e-7));
        // Down the slope of the critic the loss falls, down that of the extractor it rises.
        var step = Toy.Step(extractor, predictor);
        var before = new MultiDomainAdversary(critic).Evaluate(step).item<float>();
        using (no_grad())
        {
            extractor.Module.parameters().First().sub_(one[0] * 0.1);
        }
        Assert.True(new MultiDomainAdversary(critic).Evaluate(Toy.Step(extractor, predictor)).item<float>() > before);
    }

    // Two targets, numbers 0 and 1, and a source, number 2.
    [Fact]
    public void Evaluate_TwoTargets_TellsThemApart()
    {
        Toy.SeedModules(3);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var critic = new ModulePart(() => nn.Linear(8, 3));
        var plain = Toy.Step(extractor, predictor).Batch;
        var members = tensor([0L, 0, 1, 1, 0, 1]);
        var target = new UnlabeledBatch(plain.Target!.Inputs, DomainId.Target, plain.Target.Rows, members);
        var step = StepContext.For(new StepBatch(plain.Sources, target), extractor, predictor, progress: 1);
        Tensor Logs(Tensor inputs) => critic.Predict(extractor.Extract(inputs)).log_softmax(1);

        var value = new MultiDomainAdversary(critic) { Targets = 2 }.Evaluate(step);

        var ofTargets = Logs(target.Inputs).gather(1, members.unsqueeze(1)).sum();
        var sum = ofTargets + Logs(step.Sources[0].Inputs).select(1, 2).sum();
        Assert.Equal((-sum / 14).item<float>(), value.item<float>(), 1e-5);
    }

    [Fact]
    public void Fit_OtherNumberOfTargetsThanJoined_IsRefusedInThePlan()
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var critic = new ModulePart(() => nn.Linear(8, 3));
        var chain = new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(new CrossEntropy()).OpposeEveryDomain(critic, targets: 2)
        );
        var target = Toy.LabeledTarget().WithoutLabels();
        var options = new FitOptions
        {
            Training = new TrainingOptions { Steps = 2, BatchSize = 16 },
        };

        var fault = Assert.Throws<InvalidAdaptationException>(() => chain.Fit(Toy.Source(), target, options));

        Assert.Contains("Targets is 2, and the target holds 1", fault.Message, StringComparison.Ordinal);
        using var model = chain.Fit(Toy.Source(), UnlabeledDomain.Joined(target, target), options);
    }

    [Fact]
    public void Evaluate_CriticOfOtherDomains_IsRefused()
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var critic = new ModulePart(() => nn.Linear(8, 2));

        var refused = Assert.Throws<ArgumentException>(() =>
            new MultiDomainAdversary(critic).Evaluate(Toy.Step(extractor, predictor, sources: 2))
        );

        Assert.Contains("[n, 3]", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_KnownShares_IsTheDivergenceOfTheMeanPrediction()
    {
        var p = tensor(
            new[,]
            {
                { 0.7, 0.3 },
                { 0.1, 0.9 },
            }
        );

        var value = new KnownShares([0.25, 0.75]).Of(p.log());

        // The mean prediction is 0.4 and 0.6.
        Assert.Equal((0.25 * Math.Log(0.25 / 0.4)) + (0.75 * Math.Log(0.75 / 0.6)), value.item<double>(), 1e-12);
        Assert.Equal(0, new KnownShares([0.4, 0.6]).Of(p.log()).item<double>(), 1e-12);
        Assert.True(new KnownShares([1, 0]).Of(p.log()).isfinite().item<bool>());
    }

    [Fact]
    public void KnownShares_Faulty_AreRefusedByName()
    {
        Assert.Equal("shares", Assert.Throws<ArgumentException>(() => new KnownShares([0.5, 0.6])).ParamName);
        Assert.Equal("shares", Assert.Throws<ArgumentException>(() => new KnownShares([1.5, -0.5])).ParamName);
        Assert.Equal(
            "scores",
            Assert.Throws<ArgumentException>(() => new KnownShares([0.5, 0.5]).Of(zeros(2, 3))).ParamName
        );
        var refused = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Train(
                    Toy.Extractor(),
                    Toy.Predictor(),
                    net => net.Minimize(new CrossEntropy()).Minimize(new KnownShares([0.2, 0.3, 0.5]))
                )
                .Fit(Toy.Source(rows: 16), Toy.LabeledTarget(rows: 16).WithoutLabels())
        );
        Assert.Contains(
            refused.Faults,
            fault => fault.Contains("one for each of the 2 classes", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData(1, 9)]
    [InlineData(3, 48)]
    public void SeriesNetworks_AnyLengthOfSeries_GiveFeaturesAndALogitForEachDomain(long channels, long steps)
    {
        using var extractor = SeriesNetworks.Extractor(channels, width: 6);
        using var critic = SeriesNetworks.Critic(6, sources: 2, width: 5);

        var features = extractor.Extract(randn(4, channels, steps));

        Assert.Equal([4L, 6], features.shape);
        Assert.Equal([4L, 3], critic.Predict(features).shape);
        // Kernels 8, 5 and 3, with batch normalization in place of intercepts.
        Assert.Equal(
            (6 * channels * 8) + (12 * 6 * 5) + (6 * 12 * 3) + (2 * (6 + 12 + 6)),
            extractor.Module.parameters().Sum(it => it.numel())
        );
    }

    // Two persons with labels, a third who is faster, of another strength, and trembles.
    [Fact]
    public void Fit_SeriesOfAnotherPerson_ReadsThemBetterThanTheSourcesAlone()
    {
        var (alone, adapted) = (0.0, 0.0);
        for (var seed = 1; seed <= 2; seed++)
        {
            alone += Accuracy("none", seed) / 2;
            adapted += Accuracy("codats", seed) / 2;
        }

        output.WriteLine($"sources alone {alone:F3}, CoDATS {adapted:F3}");
        Assert.True(adapted > alone + 0.05, $"{adapted} beside {alone}");
    }

    // The third person does one thing more than half of the time, and says so.
    [Fact]
    public void Fit_KnownShares_HelpWhereTheClassesAreUneven()
    {
        var (plain, weak) = (0.0, 0.0);
        for (var seed = 1; seed <= 3; seed++)
        {
            plain += Accuracy("codats", seed, [0.6, 0.25, 0.15]) / 3;
            weak += Accuracy("codats-ws", seed, [0.6, 0.25, 0.15]) / 3;
        }

        output.WriteLine($"CoDATS {plain:F3}, CoDATS-WS {weak:F3}");
        Assert.True(weak > plain + 0.05, $"{weak} beside {plain}");
    }

    public void Dispose() => scope.Dispose();

    private static double Accuracy(string method, long seed, double[]? shares = null)
    {
        LabeledDomain[] sources =
        [
            Series.Person(240, (10 * seed) + 1, pace: 0.9, strength: 1.2, tremor: 0),
            Series.Person(240, (10 * seed) + 2, pace: 1.05, strength: 0.9, tremor: 0.2),
        ];
        var target = shares is null
            ? Series.Person(240, (10 * seed) + 3, pace: 1.35, strength: 0.6, tremor: 0.9)
            : Series.Person(240, (10 * seed) + 3, pace: 1.2, strength: 0.75, tremor: 0.5, shares);
        Toy.SeedModules(seed);
        using var extractor = SeriesNetworks.Extractor(2, width: 16);
        using var predictor = new ModulePart(() => nn.Linear(16, 3));
        using var critic = SeriesNetworks.Critic(16, sources: 2, width: 32);
        var builder = method switch
        {
            "codats" => Recipes.Codats(extractor, predictor, critic),
            "codats-ws" => Recipes.CodatsWs(extractor, predictor, critic, shares!),
            _ => new AdaptationBuilder().Train(extractor, predictor, net => net.Minimize(new CrossEntropy())),
        };
        using var model = builder.Fit(
            sources,
            target.WithoutLabels(),
            new FitOptions
            {
                Seed = seed,
                Training = new TrainingOptions
                {
                    Steps = shares is null ? 150 : 80,
                    BatchSize = 32,
                    TargetBatchSize = 64,
                    Optimizer = p => optim.Adam(p, 0.003),
                },
            }
        );
        return model.PredictClasses(target.Inputs).eq(target.Labels).to(float64).mean().item<double>();
    }
}
