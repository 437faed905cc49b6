namespace TransferLearning.Network;

/// <summary>What batch normalizations of a pre-trained network do while it is tuned.</summary>
/// <remarks>It is of every layer that keeps running statistics (a buffer <c>running_mean</c>).</remarks>
public enum NormalizationPolicy
{
    /// <summary>
    /// A layer that moves normalizes by each batch, and its statistics follow the new data; one that is frozen keeps
    /// them.
    /// </summary>
    Adapt,

    /// <summary>
    /// Every layer normalizes by the statistics that it came with; scales and shifts move as others do.
    /// </summary>
    KeepStatistics,

    /// <summary>Statistics, scales and shifts stay as they came.</summary>
    Freeze,
}
