namespace TransferLearning.Training;

/// <summary>
/// Looks on: progress, logging, curves, early stopping. It changes nothing but whether training goes on.
/// </summary>
public interface ITrainingObserver : IPlanned
{
    /// <summary>After every step.</summary>
    void OnStep(StepReport report) { }

    /// <summary>After every epoch, with every module in evaluation mode and gradients off.</summary>
    void OnEpoch(EpochReport report) { }
}
