namespace TransferLearning;

/// <summary>
/// Anything that a training is made of: extractors, predictors, critics, discrepancies, objectives, augmentations,
/// hooks, whatever has state or other parts.
/// </summary>
/// <remarks>
/// It asks for nothing. The places that take parts of any kind (<see cref="IObjective.Parts"/>,
/// <see cref="IComposite.Inner"/>, <see cref="Training.TrainingPhase.Move"/>) take nothing else.
/// </remarks>
public interface IPart;
