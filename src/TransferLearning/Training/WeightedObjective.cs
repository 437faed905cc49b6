namespace TransferLearning.Training;

/// <summary>An objective with its weight over progress.</summary>
internal sealed record WeightedObjective(IObjective Objective, Schedule Weight);
