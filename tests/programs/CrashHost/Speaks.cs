using TransferLearning.Training;

namespace TransferLearning.Tests.CrashHost;

/// <summary>Says every step that was taken.</summary>
internal sealed class Speaks : ITrainingObserver
{
    public void OnStep(StepReport report) => Console.WriteLine($"step {report.Step}");
}
