namespace TransferLearning;

/// <summary>
/// A part whose whole state goes through <see cref="ICheckpointed.Exchange"/>, so that a model file can rebuild it from
/// nothing.
/// </summary>
/// <remarks>
/// The type has a parameterless constructor (it may be private) that leaves an empty shell; loading calls it and then
/// <see cref="ICheckpointed.Exchange"/>. Fitted maps, shallow predictors and compositions of them are saved parts.
/// </remarks>
public interface ISavedPart : ICheckpointed;
