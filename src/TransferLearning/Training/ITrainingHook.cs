namespace TransferLearning.Training;

/// <summary>
/// Acts during training: moving averages, class weights, memory banks, gradual unfreezing. Its state is checkpointed.
/// </summary>
/// <remarks>
/// Hooks run without gradients and with every module in evaluation mode, except <see cref="OnStepped"/>, which leaves
/// modes as they are.
/// </remarks>
public interface ITrainingHook : ICheckpointed, IPlanned
{
    /// <summary>Once, before the first step; not on resume, where the state comes from the checkpoint.</summary>
    void OnStart(TrainingView view) { }

    /// <summary>
    /// Once, before the first step of a resumed training, with the state back from the checkpoint: for what the domains
    /// tell and no checkpoint holds.
    /// </summary>
    void OnResume(TrainingView view) { }

    /// <summary>Before the first step of every epoch.</summary>
    void OnEpoch(TrainingView view) { }

    /// <summary>After every step, with the parameters updated.</summary>
    /// <param name="view">The parts and the step's number.</param>
    /// <param name="step">
    /// The step that was taken, with its passes still at hand; where gradients are accumulated, its last batch's.
    /// </param>
    void OnStepped(TrainingView view, StepContext step) { }

    /// <summary>
    /// Once, after the last step, also where training ended early or failed: for letting go of the domains.
    /// </summary>
    void OnEnd() { }
}
