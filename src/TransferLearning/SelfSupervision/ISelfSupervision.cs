namespace TransferLearning.SelfSupervision;

/// <summary>
/// An objective that needs no labels, and brings parts of its own that learn with the network: projection heads,
/// decoders.
/// </summary>
/// <remarks>
/// <c>net.SelfSupervise(objective)</c> lets those parts move and minimizes the objective; <c>Minimize</c> alone would
/// leave them as they were drawn.
/// </remarks>
public interface ISelfSupervision : IObjective
{
    /// <summary>The parts that learn with the network and are no longer needed afterwards.</summary>
    IReadOnlyList<IPart> Learned { get; }
}
