namespace TransferLearning;

/// <summary>Something with state that a run cannot recompute from its seed and step.</summary>
public interface ICheckpointed : IPart
{
    /// <summary>
    /// Writes the state into the bag, or reads it back: one method, so that the two cannot drift apart.
    /// </summary>
    /// <param name="state">A bag that is saving or loading (<see cref="StateBag.IsLoading"/>).</param>
    void Exchange(StateBag state);
}
