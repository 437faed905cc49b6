using TransferLearning.Adversarial;
using TransferLearning.Consistency;
using TransferLearning.Objectives;
using TransferLearning.SelfTraining;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Consistency;

/// <summary>
/// Objectives with a memory: a training that was stopped in its middle and resumed by new objects ends in the same bits
/// as one that never stopped.
/// </summary>
public sealed class MemoryResumeTests : IDisposable
{
    private static readonly Noise Strong = new(0.5);

    private static readonly Dictionary<string, Func<IObjective>> Objectives = new(StringComparer.Ordinal)
    {
        [nameof(FlexMatch)] = () => new FlexMatch(Strong) { Threshold = 0.51, HasWarmUp = false },
        [nameof(TemporalEnsembling)] = () => new TemporalEnsembling(Strong),
        [nameof(CurriculumPseudoLabels)] = () => new CurriculumPseudoLabels(),
        [nameof(SoftMatch)] = () => new SoftMatch(Strong) { Momentum = 0.9 },
        [nameof(AdaMatch)] = () => new AdaMatch(Strong) { Threshold = 0.5, Momentum = 0.9 },
        [nameof(DebiasedPseudoLabels)] = () => new DebiasedPseudoLabels(Strong) { Threshold = 0, Momentum = 0.9 },
        [nameof(PseudoGroupContrast)] = () =>
            new PseudoGroupContrast(Toy.Critic(), Extractor(), Toy.Critic(), Strong, Strong)
            {
                Keys = 4,
                Momentum = 0.9,
            },
        [nameof(ProgressiveAlignment)] = () => new ProgressiveAlignment(Strong) { Threshold = 0.5, Window = 5 },
        [nameof(DistributionAligningRefinery)] = () =>
            new DistributionAligningRefinery(Strong)
            {
                Threshold = 0.5,
                WarmUp = 0.3,
                Interval = 5,
                Shares = [0.8, 0.2],
            },
        [nameof(AuxiliaryBalancedClassifier)] = () => new AuxiliaryBalancedClassifier(Toy.Predictor(), Strong),
        [nameof(SimMatch)] = () =>
            new SimMatch(Projector(), Extractor(), Toy.Predictor(), Projector(), Strong) { Momentum = 0.9 },
        [nameof(CoMatch)] = () =>
            new CoMatch(Projector(), Strong)
            {
                Keys = 100,
                Window = 5,
                Threshold = 0,
                GraphThreshold = 0.1,
            },
        [nameof(ClassSoftLabels)] = () => new ClassSoftLabels(),
        ["SelfEnsembling"] = () =>
            new MeanTeacher(Extractor(), Toy.Predictor())
            {
                StudentView = Strong,
                TeacherView = Strong,
                Threshold = 0.6,
                Decay = 0.9,
            },
        [nameof(BoundaryRefinement)] = () =>
            new BoundaryRefinement(Extractor(), Toy.Predictor()) { Interval = 5, Decay = 0.7 },
        [nameof(DynamicAdversary)] = () =>
            new DynamicAdversary(Critic(), [Critic(), Critic()], reversal: 1) { GlobalFactor = 1, LocalFactor = 1 },
    };

    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<string> Names() => [.. Objectives.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Fit_StoppedAndResumed_EndsInTheSameBits(string name)
    {
        using var folder = new TemporaryFolder();
        var checkpoints = new CheckpointOptions(folder.Path) { EverySteps = 1 };
        var few = name == nameof(ClassSoftLabels) ? Toy.LabeledTarget(rows: 8, seed: 9) : null;
        IObjective Made(long seed)
        {
            Toy.SeedModules(seed);
            return Objectives[name]();
        }
        var expected = InterruptedTraining.Run(Made(3), few: few);

        Assert.Null(InterruptedTraining.Run(Made(3), checkpoints, stopAfter: 13, few));
        // Other initial values than before: what counts comes from the checkpoint.
        var resumed = InterruptedTraining.Run(Made(99), checkpoints with { Resume = ResumeMode.Required }, few: few);

        Assert.Equal(expected, resumed);
        Assert.NotEqual(InterruptedTraining.Run(null, few: few), expected);
    }

    // What a run without the memory would end in, for those that keep it in fields: the memory must matter, or the test
    // above says nothing.
    [Theory]
    [InlineData(nameof(FlexMatch))]
    [InlineData(nameof(TemporalEnsembling))]
    [InlineData(nameof(CurriculumPseudoLabels))]
    [InlineData(nameof(SoftMatch))]
    [InlineData(nameof(DebiasedPseudoLabels))]
    [InlineData(nameof(ProgressiveAlignment))]
    [InlineData(nameof(DistributionAligningRefinery))]
    [InlineData(nameof(CoMatch))]
    [InlineData(nameof(ClassSoftLabels))]
    [InlineData(nameof(DynamicAdversary))]
    public void Fit_ResumedWithoutTheMemory_EndsElsewhere(string name)
    {
        using var folder = new TemporaryFolder();
        var checkpoints = new CheckpointOptions(folder.Path) { EverySteps = 1 };
        var few = name == nameof(ClassSoftLabels) ? Toy.LabeledTarget(rows: 8, seed: 9) : null;
        Forgetful Made()
        {
            Toy.SeedModules(3);
            return new Forgetful(Objectives[name]());
        }
        var expected = InterruptedTraining.Run(Made(), few: few);

        Assert.Null(InterruptedTraining.Run(Made(), checkpoints, stopAfter: 13, few));
        var resumed = InterruptedTraining.Run(Made(), checkpoints with { Resume = ResumeMode.Required }, few: few);

        Assert.NotEqual(expected, resumed);
    }

    public void Dispose() => scope.Dispose();

    private static ModulePart Extractor() => Toy.Extractor(dropout: 0.3, hasNormalization: true);

    private static ModulePart Projector() => new(() => nn.Linear(8, 3));

    // Right by chance on some rows and wrong on others, although nobody teaches it.
    private static ModulePart Critic() => new(() => nn.Sequential(nn.LayerNorm(8), nn.Linear(8, 1)));

    private sealed class Forgetful(IObjective inner) : IObjective, ITrainingHook
    {
        private readonly ITrainingHook hook = (ITrainingHook)inner;

        public IEnumerable<IPart> Parts => inner.Parts;

        public Tensor Evaluate(StepContext step) => inner.Evaluate(step);

        public void OnStart(TrainingView view) => hook.OnStart(view);

        public void OnResume(TrainingView view) => hook.OnStart(view);

        public void OnEpoch(TrainingView view) => hook.OnEpoch(view);

        public void OnStepped(TrainingView view, StepContext step) => hook.OnStepped(view, step);

        public void OnEnd() => hook.OnEnd();

        public void Exchange(StateBag state) { }
    }
}
