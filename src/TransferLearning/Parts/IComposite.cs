namespace TransferLearning;

/// <summary>A part made of parts. Training mode, freezing, checkpoints and device moves reach inside.</summary>
public interface IComposite : IPart
{
    /// <summary>The parts inside, always in the same order.</summary>
    IReadOnlyList<IPart> Inner { get; }
}
