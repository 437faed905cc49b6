using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Adversarial;

public sealed class ImageRefinementTests : IDisposable
{
    private const double Rate = 0.05;

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly ResidualGenerator refiner;
    private readonly PatchCritic critic;

    public ImageRefinementTests()
    {
        Toy.SeedModules(3);
        (refiner, critic) = (Refiner(), Critic());
    }

    // Each batch is a whole domain, so that the order of its rows does not matter; in float64, because absolute values
    // turn what is rounded into other signs.
    [Fact]
    public void Fit_OfTwoSteps_MovesTheNetworksAsTheAlgorithmDoesByHand()
    {
        static LabeledDomain Exact(LabeledDomain domain) => domain.WithInputs(domain.Inputs.to(float64));
        var (source, target) = (Exact(Toy.Images(8)), Exact(Toy.Images(8, seed: 4)));
        var (r, d, extractor, predictor) = (Refiner(), Critic(), Toy.ImageExtractor(), Toy.Predictor());
        foreach (var module in new[] { refiner, critic, r, d, extractor.Module, predictor.Module })
        {
            module.to(float64);
        }
        r.load_state_dict(refiner.state_dict());
        d.load_state_dict(critic.state_dict());
        static Tensor Softplus(Tensor z) => (1 + z.exp()).log().mean();
        static void Move(Tensor loss, nn.Module moved)
        {
            var parameters = moved.parameters().ToList();
            var slopes = autograd.grad([loss], [.. parameters]);
            using var quiet = no_grad();
            for (var i = 0; i < parameters.Count; i++)
            {
                parameters[i].sub_(slopes[i] * Rate);
            }
        }
        for (var step = 0; step < 2; step++)
        {
            for (var time = 0; time < 2; time++)
            {
                var made = r.call(source.Inputs);
                Move(Softplus(d.call(made).neg()) + ((made - source.Inputs).abs().mean() * 0.3), r);
            }
            // The critic sees what the refiner makes after it has moved.
            var refined = r.call(source.Inputs).detach();
            Move((Softplus(d.call(target.Inputs).neg()) + Softplus(d.call(refined))) * 0.5, d);
        }

        using var model = new AdaptationBuilder()
            .Add(
                new ImageRefinement(refiner.AsPart(), critic.AsPart())
                {
                    SelfRegularization = 0.3,
                    Options = Options(2) with { Optimizer = parameters => optim.SGD(parameters, Rate) },
                }
            )
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Fit(source, target.WithoutLabels(), Run());

        foreach (
            var (mine, other) in refiner
                .parameters()
                .Concat(critic.parameters())
                .Zip(r.parameters().Concat(d.parameters()))
        )
        {
            Assert.True(mine.allclose(other, 1e-9, 1e-11), $"{(mine - other).abs().max().item<double>()}");
        }
    }

    [Fact]
    public void Fit_OfSelfRegularizationAlone_ChangesLittle()
    {
        var (source, target) = (Toy.Images(8), Toy.Images(8, seed: 4).WithoutLabels());
        double Change() => (refiner.call(source.Inputs) - source.Inputs).abs().mean().item<float>();
        var before = Change();

        using var model = Chain(
                new ImageRefinement(refiner.AsPart(), critic.AsPart())
                {
                    Disguise = 0,
                    Options = Options(30) with { Optimizer = parameters => optim.Adam(parameters, 1e-2) },
                }
            )
            .Fit(source, target, Run());

        Assert.True(Change() < before / 2, $"{before} to {Change()}");
    }

    [Fact]
    public void Fit_StoppedAndResumed_GivesTheBitsOfAnUninterruptedRun()
    {
        using var folder = new TemporaryFolder();
        var checkpoints = new CheckpointOptions(folder.Path) { EverySteps = 1 };
        byte[]? Bits(CheckpointOptions? kept, int? stopAfter)
        {
            Toy.SeedModules(7);
            var (r, d, extractor, predictor) = (Refiner(), Critic(), Toy.ImageExtractor(), Toy.Predictor());
            using var stopping = new CancellationTokenSource();
            var options = new FitOptions
            {
                Seed = 1,
                Observers = [new Stop(stopAfter, stopping)],
                Checkpoints = kept,
                Training = new TrainingOptions { Steps = 8, BatchSize = 4 },
            };
            try
            {
                using var model = Recipes
                    .SimGan(r.AsPart(), d.AsPart(), extractor, predictor)
                    .Fit(Toy.Images(20), Toy.Images(16, seed: 4).WithoutLabels(), options, null, stopping.Token);
                return Toy.Bits(r.AsPart(), d.AsPart(), extractor, predictor);
            }
            catch (OperationCanceledException)
            {
                return null;
            }
        }
        var expected = Bits(null, null);

        Assert.Null(Bits(checkpoints, 5));
        Assert.Equal(expected, Bits(checkpoints with { Resume = ResumeMode.Required }, null));
    }

    [Fact]
    public void Plan_OfWhatCannotBeRefined_SaysWhy()
    {
        string Faults(ImageRefinement stage, LabeledDomain from, LabeledDomain to) =>
            Assert.Throws<InvalidAdaptationException>(() => Chain(stage).Fit(from, to.WithoutLabels(), Run())).Message;
        var stage = new ImageRefinement(refiner.AsPart(), critic.AsPart());

        Assert.Contains("works on images", Faults(stage, Toy.Source(), Toy.LabeledTarget()), StringComparison.Ordinal);
        var bright = Toy.Images(8).WithInputs(Toy.Images(8).Inputs * 100);
        Assert.Contains("scale the images", Faults(stage, bright, Toy.Images(8)), StringComparison.Ordinal);
        Assert.Contains(
            "cannot be trained",
            Faults(new ImageRefinement(refiner.AsPart(), new Constant()), Toy.Images(8), Toy.Images(8)),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "RefinerSteps must be at least 1",
            Faults(
                new ImageRefinement(refiner.AsPart(), critic.AsPart()) { RefinerSteps = 0 },
                Toy.Images(8),
                Toy.Images(8)
            ),
            StringComparison.Ordinal
        );
    }

    public void Dispose() => scope.Dispose();

    private static ResidualGenerator Refiner() => new(1, width: 4, blocks: 1, halvings: 0, black: 0, white: 2);

    private static PatchCritic Critic() => new(1, width: 4, layers: 1);

    private static AdaptationBuilder Chain(ImageRefinement stage) =>
        new AdaptationBuilder()
            .Add(stage)
            .Train(Toy.ImageExtractor(), Toy.Predictor(), net => net.Minimize(new CrossEntropy()));

    private static TrainingOptions Options(long steps) => new() { Steps = steps, BatchSize = 8 };

    private static FitOptions Run() => new() { Seed = 1, Training = Options(2) };

    private sealed class Constant : IPatchCritic
    {
        public Tensor Judge(Tensor images) => images.mean([1L, 2L, 3L]);
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
