namespace TransferLearning.Selection;

/// <summary>What a <see cref="NegativeTransferGuard"/> keeps where it does not keep the adapted model.</summary>
public enum GuardFallback
{
    /// <summary>The model without adaptation.</summary>
    Plain,

    /// <summary>
    /// The mean of both models' class probabilities, unless the adapted one has collapsed, no vote at all is for it, or
    /// the models disagree on more than <see cref="NegativeTransferGuard.MostDisagreement"/>: then the model without
    /// adaptation.
    /// </summary>
    Mixture,
}
