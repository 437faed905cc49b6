namespace TransferLearning.Network;

/// <summary>What of a pre-trained network is trained on new data.</summary>
public enum FreezingChoice
{
    /// <summary>A new head on the frozen network.</summary>
    Head,

    /// <summary>A new head on features of an earlier layer of the frozen network.</summary>
    EarlierFeatures,

    /// <summary>Everything, from the trained parameters.</summary>
    Everything,

    /// <summary>
    /// Everything, from the trained parameters or from new ones, whichever reads held-out rows better.
    /// </summary>
    EverythingOrAnew,
}
