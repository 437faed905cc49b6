namespace TransferLearning.Theory;

/// <summary>How an adversarial training can fail.</summary>
public enum AdversarialSymptom
{
    /// <summary>
    /// The critic tells nothing apart although another classifier can: it is not trained, too slow or too narrow. The
    /// extractor learns nothing of the domains from it.
    /// </summary>
    CriticTooWeak,

    /// <summary>The critic is right and sure of it: most rows give the extractor no gradient any more.</summary>
    CriticSaturated,

    /// <summary>
    /// The adversarial gradient drowns that of the task: the source's labels are not learned, or are being lost.
    /// </summary>
    WeightTooLarge,

    /// <summary>
    /// The critic is right and has a gradient, but the extractor hardly follows it beside the task's.
    /// </summary>
    WeightTooSmall,

    /// <summary>Target rows are read as one or a few of the classes.</summary>
    TargetCollapsed,

    /// <summary>Critic and extractor overtake each other from epoch to epoch.</summary>
    Oscillating,
}
