namespace TransferLearning.Training;

/// <summary>An objective that opposes the network to critics, which have to learn for the game to be one.</summary>
internal interface IJudged
{
    /// <summary>The critics.</summary>
    IReadOnlyList<IDomainCritic> Critics { get; }
}
