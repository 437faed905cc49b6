namespace TransferLearning.Training;

/// <summary>How the batches of a step's domains go through a shared extractor.</summary>
public enum DomainPasses
{
    /// <summary>
    /// Each domain's batch on its own: batch normalization sees one domain at a time, and a pass that no objective asks
    /// for is never computed.
    /// </summary>
    Apart,

    /// <summary>All batches in one: batch normalization sees the mixture, and the hardware one larger batch.</summary>
    Joined,
}
