using TransferLearning.Adversarial;
using TransferLearning.Consistency;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Training;

/// <summary>A run that was stopped anywhere and resumed ends in the same bits as one that never stopped.</summary>
public sealed class ResumeTests
{
    public static TheoryData<long, bool> Stops() =>
        new()
        {
            { 1, false }, // after the first step
            { 13, false }, // in the middle of an epoch of the first stage
            { 20, false }, // at an epoch's end
            { 33, false }, // in the second stage
            { 13, true },
            { 38, true },
        };

    [Theory]
    [MemberData(nameof(Stops))]
    public void Fit_StoppedAndResumed_GivesTheBitsOfAnUninterruptedRun(long stopAfter, bool isMomentum)
    {
        using var scope = NewDisposeScope();
        using var whole = new TemporaryFolder();
        using var halves = new TemporaryFolder();
        var expected = Run(whole.Path, isMomentum, stopAfter: null, ResumeMode.Never);

        Assert.Null(Run(halves.Path, isMomentum, stopAfter, ResumeMode.Never));
        Toy.SeedModules(777); // other initial weights and another global generator than before
        var resumed = Run(halves.Path, isMomentum, stopAfter: null, ResumeMode.Required, isSpoilt: true);

        Assert.Equal(expected, resumed);
    }

    [Fact]
    public void Fit_ResumedAfterTheEnd_ComputesNothingAndGivesTheSameBits()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var expected = Run(folder.Path, isMomentum: false, stopAfter: null, ResumeMode.Never);

        var again = Run(folder.Path, isMomentum: false, stopAfter: 0, ResumeMode.Required, isSpoilt: true);

        Assert.Equal(expected, again);
    }

    [Fact]
    public void Fit_ResumedWithAnotherSeed_IsRefused()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        Run(folder.Path, isMomentum: false, stopAfter: 5, ResumeMode.Never);

        var fault = Assert.Throws<InvalidDataException>(() =>
            Run(folder.Path, isMomentum: false, stopAfter: null, ResumeMode.Required, seed: 2)
        );

        Assert.Contains("seed", fault.Message, StringComparison.Ordinal);
    }

    /// <summary>A hook that is made of parts has a state of its own besides theirs.</summary>
    [Fact]
    public void Fit_WithAHookOfParts_TakesItsStateUpAgain()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var checkpoints = new CheckpointOptions(folder.Path) { EverySteps = 1 };
        var expected = InterruptedTraining.Run(new RisingWeight());

        Assert.Null(InterruptedTraining.Run(new RisingWeight(), checkpoints, stopAfter: 7));
        var resumed = InterruptedTraining.Run(new RisingWeight(), checkpoints with { Resume = ResumeMode.Required });

        Assert.Equal(expected, resumed);
    }

    /// <summary>
    /// Domain-adversarial training with dropout, batch statistics and a mean teacher, then an untied adversary.
    /// </summary>
    private static byte[]? Run(
        string folder,
        bool isMomentum,
        long? stopAfter,
        ResumeMode resume,
        bool isSpoilt = false,
        long seed = 1
    )
    {
        using var scope = NewDisposeScope();
        Toy.SeedModules(isSpoilt ? 99 : 7);
        using var extractor = Toy.Extractor(dropout: 0.3, hasNormalization: true);
        using var predictor = Toy.Predictor();
        using var critic = Toy.Critic();
        using var secondCritic = Toy.Critic();
        using var teacherExtractor = extractor.Replica();
        using var teacherPredictor = predictor.Replica();
        var teacher = new MeanTeacher(teacherExtractor, teacherPredictor) { StudentView = new Noise(0.1) };
        using var stopping = new CancellationTokenSource();
        OptimizerFactory optimizer = isMomentum
            ? parameters => optim.SGD(parameters, 0.01, momentum: 0.9, weight_decay: 1e-3)
            : parameters => optim.Adam(parameters, 1e-3);
        var options = new FitOptions
        {
            Seed = seed,
            Observers = [new StopAfter(stopAfter, stopping)],
            Checkpoints = new CheckpointOptions(folder) { EverySteps = 1, Resume = resume },
            Training = new TrainingOptions { Steps = 25, Optimizer = optimizer },
        };
        var builder = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Oppose(critic).Minimize(teacher, 0.5))
            .Add(
                new AdversarialDiscriminativeAdaptation(secondCritic)
                {
                    Options = new TrainingOptions { Steps = 20, Optimizer = optimizer },
                }
            );
        try
        {
            using var model = builder.Fit(
                Toy.Source(),
                Toy.LabeledTarget().WithoutLabels(),
                options,
                null,
                stopping.Token
            );
            var target = (ModulePart)model.Extractor.For(DomainId.Target);
            using var scores = model.Predict(Toy.LabeledTarget().Inputs);
            return
            [
                .. Toy.Bits(extractor, predictor, critic, secondCritic, teacherExtractor, teacherPredictor, target),
                .. scores.bytes.ToArray(),
            ];
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private sealed class RisingWeight : IObjective, ITrainingHook, IComposite
    {
        private long steps;

        public IReadOnlyList<IPart> Inner => [];

        public Tensor Evaluate(StepContext step) => step.Scores(step.Target).square().mean() * steps;

        public void OnStepped(TrainingView view, StepContext step) => steps++;

        public void Exchange(StateBag state) => state.Number("steps", ref steps);
    }

    private sealed class StopAfter(long? steps, CancellationTokenSource stopping) : ITrainingObserver
    {
        private long taken;

        public void OnStep(StepReport report)
        {
            Assert.NotEqual(0, steps); // a finished run has no step left to take
            if (++taken == steps)
            {
                stopping.Cancel();
            }
        }
    }
}
