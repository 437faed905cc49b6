namespace TransferLearning.Training;

/// <summary>How far a run is.</summary>
/// <param name="Stage">The stage at work, from 0.</param>
/// <param name="StageName">Its name.</param>
/// <param name="Stages">How many stages the run has.</param>
/// <param name="Done">The share of the stage that is done, from 0 to 1.</param>
/// <param name="Step">The training step just finished, from 1; 0 for stages that do not train a network.</param>
/// <param name="Steps">How many steps the stage has; 0 likewise.</param>
/// <param name="Epoch">The epoch of that step, from 1; 0 likewise.</param>
public readonly record struct TrainingProgress(
    int Stage,
    string StageName,
    int Stages,
    double Done,
    long Step,
    long Steps,
    long Epoch
);
