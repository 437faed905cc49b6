namespace TransferLearning.Evaluation;

/// <summary>Whose first layers a network is given, and whether they are tuned with the rest.</summary>
public enum LayerTreatment
{
    /// <summary>Layers of a network of the same task, frozen: "BnB".</summary>
    SelfFrozen,

    /// <summary>Layers of a network of the same task, tuned: "BnB+".</summary>
    SelfTuned,

    /// <summary>Layers of a network of the other task, frozen: "AnB".</summary>
    OtherFrozen,

    /// <summary>Layers of a network of the other task, tuned: "AnB+".</summary>
    OtherTuned,
}
