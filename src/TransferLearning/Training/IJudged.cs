namespace TransferLearning.Training;

/// <summary>An objective that opposes the network to a critic, which has to learn for the game to be one.</summary>
internal interface IJudged
{
    /// <summary>The critic.</summary>
    IDomainCritic Critic { get; }
}
