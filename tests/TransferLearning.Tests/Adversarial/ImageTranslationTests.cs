using TorchSharp.Modules;
using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Adversarial;

public sealed class ImageTranslationTests : IDisposable
{
    private const double Rate = 0.05;
    private const int Rows = 8;

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly TranslationNetworks networks;

    public ImageTranslationTests()
    {
        Toy.SeedModules(3);
        networks = Networks();
    }

    [Theory]
    [InlineData(CriticLoss.LeastSquares)]
    [InlineData(CriticLoss.CrossEntropy)]
    [InlineData(CriticLoss.Hinge)]
    public void PatchAdversary_OfLogits_IsTheSumOverThemByHand(CriticLoss criterion)
    {
        var (real, fake) = (randn(3, 1, 2, 2), randn(2, 1, 2, 2) * 2);
        static double Softplus(double z) => Math.Log(1 + Math.Exp(z));
        Func<double, double> ofReal = criterion switch
        {
            CriticLoss.LeastSquares => d => (d - 1) * (d - 1),
            CriticLoss.CrossEntropy => d => Softplus(-d),
            _ => d => Math.Max(0, 1 - d),
        };
        Func<double, double> ofFake = criterion switch
        {
            CriticLoss.LeastSquares => d => d * d,
            CriticLoss.CrossEntropy => Softplus,
            _ => d => Math.Max(0, 1 + d),
        };
        Func<double, double> disguise = criterion == CriticLoss.Hinge ? d => -d : ofReal;
        double Mean(Tensor logits, Func<double, double> loss) => logits.data<float>().Average(d => loss(d));

        var critic = PatchAdversary.Critic(real, fake, criterion).item<float>();
        var generator = PatchAdversary.Generator(fake, criterion).item<float>();

        Assert.Equal((Mean(real, ofReal) + Mean(fake, ofFake)) / 2, critic, 1e-5);
        Assert.Equal(Mean(fake, disguise), generator, 1e-5);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Terms_OfOneStep_AreThoseOfTheirFormulas(int sources)
    {
        var step = Step(sources);
        var source = cat([.. step.Sources.Select(batch => batch.Inputs), empty(0, 1, 8, 8)]);
        var target = step.Target.Inputs;
        var (ofSource, ofTarget) = (networks.ToTarget.Extract(source), networks.ToSource.Extract(target));
        static double Distance(Tensor images, Tensor others) =>
            images.data<float>().Zip(others.data<float>(), (a, b) => Math.Abs((double)a - b)).Average();
        double ToOne(IPatchCritic critic, Tensor images) =>
            critic.Judge(images).data<float>().Average(d => (d - 1.0) * (d - 1));
        double ToZero(IPatchCritic critic, Tensor images) =>
            critic.Judge(images).data<float>().Average(d => (double)d * d);

        var disguise = new TranslationDisguise(networks, CriticLoss.LeastSquares, towardTarget: 2).Evaluate(step);
        var cycle = new CycleConsistency(networks).Evaluate(step);
        var identity = new TranslationIdentity(networks).Evaluate(step);
        double Discrimination(bool isOfTarget) =>
            new PatchDiscrimination(
                isOfTarget ? networks.TargetCritic : networks.SourceCritic,
                isOfTarget ? networks.ToTarget : networks.ToSource,
                isOfTarget,
                CriticLoss.LeastSquares,
                50
            )
                .Evaluate(step)
                .item<float>();

        Assert.Equal(
            (2 * ToOne(networks.TargetCritic, ofSource)) + ToOne(networks.SourceCritic, ofTarget),
            disguise.item<float>(),
            1e-4
        );
        Assert.Equal(
            Distance(networks.ToSource.Extract(ofSource), source)
                + Distance(networks.ToTarget.Extract(ofTarget), target),
            cycle.item<float>(),
            1e-4
        );
        Assert.Equal(
            Distance(networks.ToSource.Extract(source), source) + Distance(networks.ToTarget.Extract(target), target),
            identity.item<float>(),
            1e-4
        );
        Assert.Equal(
            (ToOne(networks.TargetCritic, target) + ToZero(networks.TargetCritic, ofSource)) / 2,
            Discrimination(isOfTarget: true),
            1e-4
        );
        Assert.Equal(
            (ToOne(networks.SourceCritic, source) + ToZero(networks.SourceCritic, ofTarget)) / 2,
            Discrimination(isOfTarget: false),
            1e-4
        );
    }

    [Fact]
    public void Fakes_AfterTheGeneratorsHaveMoved_AreThoseFromBefore()
    {
        var step = Step(1);
        _ = new TranslationDisguise(networks, CriticLoss.LeastSquares, 1).Evaluate(step);
        var before = networks.ToTarget.Extract(step.Sources[0].Inputs).detach();
        using (no_grad())
        {
            foreach (var parameter in ((ITrainable)networks.ToTarget).Module.parameters())
            {
                parameter.mul_(1.5);
            }
        }

        var fakes = step.Fakes(networks.ToTarget, step.Sources[0].Inputs);

        Assert.True(fakes.Equals(before));
        Assert.False(fakes.requires_grad);
        Assert.False(networks.ToTarget.Extract(step.Sources[0].Inputs).Equals(before));
    }

    // Each batch is a whole domain, so that the order of its rows does not matter; in float64, because absolute values
    // turn what is rounded into other signs.
    [Fact]
    public void Fit_OfTwoSteps_MovesTheNetworksAsTheAlgorithmDoesByHand()
    {
        static LabeledDomain Exact(LabeledDomain domain) => domain.WithInputs(domain.Inputs.to(float64));
        var (source, target) = (Exact(Domain(1)), Exact(Domain(2)));
        foreach (var part in networks.Inner.Cast<ITrainable>())
        {
            part.Module.to(float64);
        }
        var (extractor, predictor) = (Toy.ImageExtractor(), Toy.Predictor());
        extractor.Module.to(float64);
        predictor.Module.to(float64);
        var byHand = Copies();
        ByHand(byHand, source.Inputs, target.Inputs, steps: 2);

        using var model = new AdaptationBuilder()
            .Add(
                new ImageTranslation(networks)
                {
                    Options = Options(2) with { Optimizer = parameters => optim.SGD(parameters, Rate) },
                }
            )
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Fit(source, target.WithoutLabels(), Run());

        foreach (var (part, expected) in networks.Inner.Cast<ITrainable>().Zip(byHand))
        {
            foreach (var (mine, other) in part.Module.parameters().Zip(expected.parameters()))
            {
                Assert.True(mine.allclose(other, 1e-9, 1e-11), $"{(mine - other).abs().max().item<double>()}");
            }
        }
    }

    [Fact]
    public void Fit_Translates_SourceRowsAndLeavesTargetRowsAlone()
    {
        var (source, target) = (Domain(1, rows: 20), Domain(2, rows: 20));
        using var model = Chain(new ImageTranslation(networks) { Options = Options(3) })
            .Fit(source, target.WithoutLabels(), Run());

        var extractor = Assert.IsType<ExtractorChain>(model.Extractor).Inner[1] as IFeatureExtractor;
        var translated = networks.ToTarget.Extract(source.Inputs);

        Assert.True(
            model.Features(source.Inputs, DomainId.Source(0)).allclose(extractor!.Extract(translated), 1e-4, 1e-5)
        );
        Assert.True(model.Features(target.Inputs).allclose(extractor.Extract(target.Inputs), 1e-4, 1e-5));
        Assert.False(translated.allclose(source.Inputs, 1e-2, 1e-2));
    }

    [Fact]
    public void Save_OfAModelWithAGenerator_LoadsItsNumbers()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "translated.model");
        var (source, target) = (Domain(1, rows: 20), Domain(2, rows: 20));
        using var model = Chain(new ImageTranslation(networks) { Options = Options(3) })
            .Fit(source, target.WithoutLabels(), Run());
        model.Save(file);
        Toy.SeedModules(99);
        using var others = Networks();
        using var extractor = Toy.ImageExtractor();
        using var predictor = Toy.Predictor();

        using var loaded = AdaptedModel.Load(
            file,
            (nn.Module<Tensor, Tensor>)((ITrainable)others.ToTarget).Module,
            (nn.Module<Tensor, Tensor>)extractor.Module,
            (nn.Module<Tensor, Tensor>)predictor.Module
        );

        Assert.True(loaded.Predict(target.Inputs).Equals(model.Predict(target.Inputs)));
        Assert.True(
            loaded.Features(source.Inputs, DomainId.Source(0)).Equals(model.Features(source.Inputs, DomainId.Source(0)))
        );
    }

    [Theory]
    [InlineData(5)] // in the translation, with a full pool
    [InlineData(13)] // in the training after it
    public void Fit_StoppedAndResumed_GivesTheBitsOfAnUninterruptedRun(int stopAfter)
    {
        using var folder = new TemporaryFolder();
        var checkpoints = new CheckpointOptions(folder.Path) { EverySteps = 1 };
        var expected = Interrupted(null, null, 6);

        Assert.Null(Interrupted(checkpoints, stopAfter, 6));
        var resumed = Interrupted(checkpoints with { Resume = ResumeMode.Required }, null, 6);

        Assert.Equal(expected, resumed);
        Assert.NotEqual(Interrupted(null, null, 0), expected); // the pool counts
    }

    [Fact]
    public void Fit_Canceled_Stops()
    {
        using var stopping = new CancellationTokenSource();
        var chain = Chain(new ImageTranslation(networks) { Options = Options(1_000_000) });
        var options = Run() with { Observers = [new Stop(3, stopping)] };

        Assert.Throws<OperationCanceledException>(() =>
            chain.Fit(Domain(1), Domain(2).WithoutLabels(), options, null, stopping.Token)
        );
    }

    [Fact]
    public void Plan_OfWhatCannotBeTranslated_SaysWhy()
    {
        var (source, target) = (Domain(1), Domain(2));
        var stage = new ImageTranslation(networks) { Options = Options(2) };
        string Faults(ImageTranslation refused, LabeledDomain from, UnlabeledDomain to) =>
            Assert.Throws<InvalidAdaptationException>(() => Chain(refused).Fit(from, to, Run())).Message;

        Assert.Contains("works on images", Faults(stage, Toy.Source(), Toy.LabeledTarget().WithoutLabels()));
        Assert.Contains(
            "that 2 divides",
            Faults(stage, Sides(source, 7), new UnlabeledDomain(Sides(target, 7).Inputs))
        );
        Assert.Contains(
            "and those of target are from",
            Faults(stage, source, new UnlabeledDomain(target.Inputs * 255)),
            StringComparison.OrdinalIgnoreCase
        );
        Assert.Contains(
            "would not honor example weights",
            Faults(stage, new LabeledDomain(source.Inputs, source.Labels, ones(Rows)), target.WithoutLabels())
        );
        Assert.Contains(
            "scores predictions",
            Faults(
                new ImageTranslation(networks) { Options = Options(2) with { Validation = new LowestEntropy() } },
                source,
                target.WithoutLabels()
            )
        );
        Assert.Contains(
            "Cycle must be at least 0",
            Faults(new ImageTranslation(networks) { Cycle = double.NaN }, source, target.WithoutLabels())
        );
        using var narrowing = nn.Conv2d(1, 1, 3);
        using var critic = new PatchCritic(1, 2, 1);
        Assert.Contains(
            "it cannot restore their sides",
            Faults(
                new ImageTranslation(new TranslationNetworks(narrowing, narrowing, critic, critic)),
                source,
                target.WithoutLabels()
            )
        );
        using var one = nn.Sequential(nn.Flatten(0), nn.Linear(Rows / 2 * 64, 1));
        Assert.Contains(
            "a critic of patches gives logits for each image",
            Faults(
                new ImageTranslation(
                    new TranslationNetworks(networks.ToTarget, networks.ToSource, one.AsPart(), one.AsPart())
                ),
                source,
                target.WithoutLabels()
            )
        );
    }

    [Fact]
    public void Default_Options_AreTheAuthors()
    {
        var options = ImageStages.Defaults(new TrainingOptions { Epochs = 7, BatchSize = 5 });
        using var optimizer = (Adam)options.Optimizer([new Parameter(zeros(1))]);
        var group = (Adam.Options)((Adam.ParamGroup)optimizer.ParamGroups.Single()).Options;

        Assert.Equal((7, 5), (options.Epochs, options.BatchSize));
        Assert.Equal((2e-4, 0.5, 0.999), (group.LearningRate, group.beta1, group.beta2));
        Assert.Equal([1, 1, 1, 0.5, 0], new[] { 0, 0.3, 0.5, 0.75, 1 }.Select(options.LearningRate.At));
        var stage = new ImageTranslation(networks);
        Assert.Equal((10, 0.5, 1, 50), (stage.Cycle, stage.Identity, stage.TowardTarget, stage.PoolSize));
        Assert.Equal(CriticLoss.LeastSquares, stage.Criterion);
    }

    public void Dispose()
    {
        networks.Dispose();
        scope.Dispose();
    }

    private static TranslationNetworks Networks() =>
        new(Generator().AsPart(), Generator().AsPart(), Critic().AsPart(), Critic().AsPart());

    private static ResidualGenerator Generator() => new(1, width: 4, blocks: 1, halvings: 1);

    private static PatchCritic Critic() => new(1, width: 4, layers: 1);

    private static AdaptationBuilder Chain(ImageTranslation stage) =>
        new AdaptationBuilder()
            .Add(stage)
            .Train(Toy.ImageExtractor(), Toy.Predictor(), net => net.Minimize(new CrossEntropy()));

    private static TrainingOptions Options(long steps) => new() { Steps = steps, BatchSize = Rows };

    private static FitOptions Run() => new() { Seed = 1, Training = Options(2) };

    // Gray images from -1 to 1 whose class is the brighter half; the target's are darker.
    private static LabeledDomain Domain(long seed, long rows = Rows)
    {
        using var inner = NewDisposeScope();
        using var generator = new RandomKey(seed).Generator();
        var labels = arange(rows, dtype: int64).remainder(2);
        var images = (rand([rows, 1, 8, 8], generator: generator) * 0.8) - 0.6;
        images.narrow(2, 0, 4).add_(labels.reshape(-1, 1, 1, 1) * 0.5);
        return new LabeledDomain(
            (images / seed).MoveToOuterDisposeScope(),
            labels.MoveToOuterDisposeScope(),
            space: LabelSpace.Classes(2)
        );
    }

    private static LabeledDomain Sides(LabeledDomain domain, long side) =>
        domain.WithInputs(domain.Inputs.narrow(2, 0, side).narrow(3, 0, side));

    private static StepContext Step(int sources)
    {
        var target = new UnlabeledBatch(Domain(2, 6).Inputs, DomainId.Target, arange(6, dtype: int64));
        var batches = Enumerable
            .Range(0, sources)
            .Select(i =>
            {
                var domain = Domain(1 + (4 * i));
                var rows = arange(Rows, dtype: int64);
                return new LabeledBatch(domain.Inputs, domain.Labels, DomainId.Source(i), rows, null, domain.Space);
            });
        return StepContext.For(new StepBatch([.. batches], target), Toy.ImageExtractor(), Toy.Predictor());
    }

    private List<nn.Module<Tensor, Tensor>> Copies()
    {
        List<nn.Module<Tensor, Tensor>> copies = [Generator(), Generator(), Critic(), Critic()];
        foreach (var (copy, part) in copies.Zip(networks.Inner.Cast<ITrainable>()))
        {
            copy.to(part.Module.parameters().First().dtype);
            copy.load_state_dict(part.Module.state_dict());
        }
        return copies;
    }

    // The algorithm as its authors wrote it down, with plain gradient steps; the pool is not full yet.
    private static void ByHand(List<nn.Module<Tensor, Tensor>> all, Tensor source, Tensor target, int steps)
    {
        var (g, h, ofSource, ofTarget) = (all[0], all[1], all[2], all[3]);
        static Tensor Square(Tensor x) => x.pow(2).mean();
        static Tensor Absolute(Tensor x) => x.abs().mean();
        static void Move(Tensor loss, params IReadOnlyList<nn.Module> moved)
        {
            var parameters = moved.SelectMany(module => module.parameters()).ToList();
            var slopes = autograd.grad([loss], [.. parameters]);
            using var quiet = no_grad();
            for (var i = 0; i < parameters.Count; i++)
            {
                parameters[i].sub_(slopes[i] * Rate);
            }
        }
        for (var step = 0; step < steps; step++)
        {
            var (fakeTarget, fakeSource) = (g.call(source), h.call(target));
            Move(
                Square(ofTarget.call(fakeTarget) - 1)
                    + Square(ofSource.call(fakeSource) - 1)
                    + (Absolute(h.call(fakeTarget) - source) * 10)
                    + (Absolute(g.call(fakeSource) - target) * 10)
                    + (Absolute(g.call(target) - target) * 5)
                    + (Absolute(h.call(source) - source) * 5),
                g,
                h
            );
            Move((Square(ofTarget.call(target) - 1) + Square(ofTarget.call(fakeTarget.detach()))) * 0.5, ofTarget);
            Move((Square(ofSource.call(source) - 1) + Square(ofSource.call(fakeSource.detach()))) * 0.5, ofSource);
        }
    }

    private static byte[]? Interrupted(CheckpointOptions? checkpoints, int? stopAfter, int poolSize)
    {
        Toy.SeedModules(7);
        using var translation = Networks();
        using var extractor = Toy.ImageExtractor();
        using var predictor = Toy.Predictor();
        using var stopping = new CancellationTokenSource();
        var options = new FitOptions
        {
            Seed = 1,
            Observers = [new Stop(stopAfter, stopping)],
            Checkpoints = checkpoints,
            Training = new TrainingOptions { Steps = 8, BatchSize = 4 },
        };
        try
        {
            using var model = new AdaptationBuilder()
                .Add(new ImageTranslation(translation) { PoolSize = poolSize })
                .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
                .Fit(Domain(1, 20), Domain(2, 16).WithoutLabels(), options, null, stopping.Token);
            return Toy.Bits([.. translation.Inner.Cast<ITrainable>(), extractor, predictor]);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private sealed class LowestEntropy : IModelScore
    {
        public double Score(IFeatureExtractor extractor, ILabelPredictor predictor, DomainSet domains) => 0;
    }

    private sealed class Stop(int? after, CancellationTokenSource stopping) : ITrainingObserver
    {
        private int taken;

        public void OnStep(StepReport report)
        {
            if (++taken == after)
            {
                stopping.Cancel();
            }
        }
    }
}
