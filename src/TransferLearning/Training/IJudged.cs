namespace TransferLearning.Training;

/// <summary>An objective that opposes the network to critics, which have to learn for the game to be one.</summary>
internal interface IJudged
{
    /// <summary>The critics: of any kind, of features, of classes or of patches.</summary>
    IReadOnlyList<IPart> Critics { get; }
}
