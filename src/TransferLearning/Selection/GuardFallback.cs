namespace TransferLearning.Selection;

/// <summary>What a <see cref="NegativeTransferGuard"/> keeps where it does not keep the adapted model.</summary>
public enum GuardFallback
{
    /// <summary>The model without adaptation.</summary>
    Plain,

    /// <summary>
    /// The mean of both models' class probabilities, unless the adapted one has collapsed or no vote at all is for it:
    /// then the model without adaptation.
    /// </summary>
    Mixture,
}
