using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Training;

/// <summary>Training in float16: the factor on the losses, updates that are left out, and resuming.</summary>
public sealed class Float16Tests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly ModulePart extractor;
    private readonly ModulePart predictor;

    public Float16Tests()
    {
        Toy.SeedModules(3);
        (extractor, predictor) = (Toy.Extractor(hasNormalization: true), Toy.Predictor());
    }

    [Fact]
    public void Fit_InFloat16_LearnsAndLeavesFloat32Parameters()
    {
        var target = Toy.LabeledTarget();

        using var model = Fit(20, _ => { });

        Assert.All(predictor.Module.parameters(), it => Assert.Equal(float32, it.dtype));
        Assert.False(IsRounded(predictor.Module.get_parameter("weight")!));
        using var scores = model.Predict(target.Inputs);
        Assert.True(Evaluation.AccuracyInterval.Of(scores, target.Labels).Value > 0.7);
    }

    [Fact]
    public void Fit_GradientsBelowFloat16_StillMove()
    {
        // 2^-26 rounds to 0 in float16, times 2^16 it does not.
        var before = Weight().clone();

        Fit(1, _ => { }, new Steep(1.0 / (1 << 26))).Dispose();

        var moved = (Weight() - before).abs();
        Assert.True(moved.max().item<float>() > 0);
    }

    [Fact]
    public void Fit_GradientsThatOverflow_LeavesUpdatesOutUntilTheFactorIsSmallEnough()
    {
        // 1,000 times 2^16 to 2^7 are beyond 65,504: ten updates are left out, and the eleventh is made.
        var watch = new Watch(predictor);

        Fit(14, _ => { }, new Steep(1000), watch).Dispose();

        Assert.Equal(10, watch.Moved.TakeWhile(moved => !moved).Count());
        Assert.All(watch.Moved.Skip(10), Assert.True);
        Assert.True(Weight().isfinite().all().item<bool>());
    }

    [Fact]
    public void Fit_GradientsBeyondFloat16WithoutAFactor_Diverges()
    {
        var fault = Assert.Throws<DivergenceException>(() => Fit(30, _ => { }, new Steep(1e6)));

        Assert.Equal((17L, "gradient in float16"), (fault.Step, fault.Objective));
    }

    [Fact]
    public void Fit_StoppedAndResumed_GivesTheBitsOfAnUninterruptedRun()
    {
        using var folder = new TemporaryFolder();
        var expected = Run(null, null);

        // The factor is on its way down when the run stops.
        Assert.Null(Run(new CheckpointOptions(folder.Path) { EverySteps = 1 }, stopAfter: 7));
        Assert.Equal(expected, Run(new CheckpointOptions(folder.Path) { Resume = ResumeMode.Required }, null));

        byte[]? Run(CheckpointOptions? checkpoints, int? stopAfter)
        {
            Toy.SeedModules(3);
            using var mine = Toy.Extractor(hasNormalization: true);
            using var head = Toy.Predictor();
            using var stopping = new CancellationTokenSource();
            var options = Options(14, new StopsAfter(stopAfter, stopping)) with { Checkpoints = checkpoints };
            try
            {
                new AdaptationBuilder()
                    .Train(mine, head, net => net.Minimize(new CrossEntropy()).Minimize(new Steep(1000)))
                    .Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels(), options, null, stopping.Token)
                    .Dispose();
                return Toy.Bits(mine, head);
            }
            catch (OperationCanceledException)
            {
                return null;
            }
        }
    }

    [Fact]
    public void Unscale_ManyGoodUpdates_DoublesTheFactorAndOneOverflowHalvesIt()
    {
        var scale = new LossScale();
        var parameter = nn.Parameter(zeros(3));

        for (var i = 0; i < 2000; i++)
        {
            Assert.Equal(65536, scale.Factor);
            parameter.grad = tensor(new[] { 65536f, 0, -32768 });
            Assert.True(scale.Unscale([parameter]));
        }

        Assert.Equal([1f, 0, -0.5f], parameter.grad!.data<float>().ToArray());
        Assert.Equal(131072, scale.Factor);
        parameter.grad = tensor(new[] { 1f, float.PositiveInfinity, 0 });
        Assert.False(scale.Unscale([parameter]));
        Assert.Equal(65536, scale.Factor);
        parameter.grad = tensor(new[] { 1f, float.NaN, 0 });
        Assert.False(scale.Unscale([parameter]));
        Assert.Equal(32768, scale.Factor);
    }

    public void Dispose()
    {
        extractor.Dispose();
        predictor.Dispose();
        scope.Dispose();
    }

    private static FitOptions Options(long steps, params IReadOnlyList<ITrainingObserver> observers) =>
        new()
        {
            Training = new TrainingOptions
            {
                Steps = steps,
                Precision = Precision.Float16,
                Optimizer = parameters => optim.Adam(parameters, 0.02),
            },
            Observers = observers,
        };

    private static bool IsRounded(Tensor value) =>
        value.detach().eq(value.detach().to(float16).to(value.dtype)).all().item<bool>();

    private AdaptedModel Fit(
        long steps,
        Action<NetworkTraining> further,
        IObjective? objective = null,
        params IReadOnlyList<ITrainingObserver> observers
    ) =>
        new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                {
                    net.Minimize(objective ?? new CrossEntropy());
                    further(net);
                }
            )
            .Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels(), Options(steps, observers));

    private Tensor Weight() => predictor.Module.get_parameter("weight")!.detach();

    /// <summary>The mean of the scores' sums by a factor, which is the gradient of the predictor's bias.</summary>
    private sealed class Steep(double factor) : IObjective
    {
        public Tensor Evaluate(StepContext step) => step.Scores(step.Target).sum(dim: 1).mean() * factor;
    }

    private sealed class Watch(ModulePart part) : ITrainingObserver
    {
        // What computes is rounded from the first step on.
        private Tensor last = part.Module.get_parameter("weight")!.detach().to(float16).to(float32);

        public List<bool> Moved { get; } = [];

        public void OnStep(StepReport report)
        {
            var now = part.Module.get_parameter("weight")!.detach().to(float32).clone().DetachFromDisposeScope();
            Moved.Add(!now.equal(last).all().item<bool>());
            last.Dispose();
            last = now;
        }
    }

    private sealed class StopsAfter(int? steps, CancellationTokenSource stopping) : ITrainingObserver
    {
        private int taken;

        public void OnStep(StepReport report)
        {
            if (++taken == steps)
            {
                stopping.Cancel();
            }
        }
    }
}
