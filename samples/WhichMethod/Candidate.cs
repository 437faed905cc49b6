using TransferLearning;

namespace WhichMethod;

/// <summary>A method that is tried.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Chain">Makes its chain, with new modules each time.</param>
/// <param name="IsNetwork">Whether it trains a network; its model file is loaded with modules of the same kind.</param>
internal sealed record Candidate(string Name, Func<AdaptationBuilder> Chain, bool IsNetwork);
