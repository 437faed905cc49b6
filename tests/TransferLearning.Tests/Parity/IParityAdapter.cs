namespace TransferLearning.Tests.Parity;

/// <summary>Maps the inputs of a peer's recorded function onto the library's public API.</summary>
/// <remarks>
/// Where the peer's definition differs from the paper, the adapter states the conversion and its reason in one line.
/// </remarks>
public interface IParityAdapter
{
    /// <summary>The functions that this adapter knows.</summary>
    IEnumerable<string> Functions { get; }

    /// <summary>Computes the named outputs. The case's expected output is not within reach.</summary>
    ParityResult Compute(ParityInputs inputs);
}
