using TransferLearning.Adversarial;
using TransferLearning.Consistency;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Training;

/// <summary>
/// Training keeps no more tensors after many steps than after few, and nothing once the model is disposed.
/// </summary>
public sealed class MemoryTests
{
    [Fact]
    public void Fit_OverManySteps_KeepsTheNumberOfLiveTensors()
    {
        using var scope = NewDisposeScope();
        using var extractor = Toy.Extractor(dropout: 0.1, hasNormalization: true);
        using var predictor = Toy.Predictor();
        using var critic = Toy.Critic();
        using var teacherExtractor = extractor.Replica();
        using var teacherPredictor = predictor.Replica();
        var counter = new LiveTensors();

        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .GuideByWasserstein(critic, criticSteps: 2)
                        .Minimize(new MeanTeacher(teacherExtractor, teacherPredictor) { StudentView = new Noise(0.1) })
            )
            .Fit(
                Toy.Source(),
                Toy.LabeledTarget().WithoutLabels(),
                new FitOptions
                {
                    Observers = [counter],
                    Training = new TrainingOptions { Steps = 320 },
                }
            );

        Assert.Equal(counter.At[50], counter.At[150]);
        Assert.Equal(counter.At[50], counter.At[300]);
    }

    [Fact]
    public void Fit_AndDispose_LeavesNoTensorBehind()
    {
        using var scope = NewDisposeScope();
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var (source, target) = (Toy.Source(), Toy.LabeledTarget().WithoutLabels());
        var options = new FitOptions { Training = new TrainingOptions { Steps = 5 } };
        var builder = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Learn(new Predictors.LogisticRegression());
        builder.Fit(source, target, options).Dispose();
        var before = Live();

        builder.Fit(source, target, options).Dispose();

        Assert.Equal(before, Live());
    }

    private static long Live()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Tensor.TotalCount;
    }

    private sealed class LiveTensors : ITrainingObserver
    {
        public Dictionary<long, long> At { get; } = [];

        public void OnStep(StepReport report) => At[report.Step] = Live();
    }
}
