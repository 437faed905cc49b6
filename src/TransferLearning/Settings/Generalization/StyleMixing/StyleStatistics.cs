namespace TransferLearning.Settings;

/// <summary>What counts as the style of a channel.</summary>
public enum StyleStatistics
{
    /// <summary>Its mean and standard deviation: MixStyle.</summary>
    Moments,

    /// <summary>All of its numbers in order: EFDMix.</summary>
    Distribution,
}
