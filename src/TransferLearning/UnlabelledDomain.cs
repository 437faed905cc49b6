using TransferLearning.Data;
using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>Examples of one domain without labels.</summary>
/// <remarks>Holds references only: the caller keeps and disposes the tensors. Immutable.</remarks>
public sealed class UnlabelledDomain
{
    /// <summary>A domain that lies in memory.</summary>
    /// <param name="inputs">Inputs <c>[n, ...]</c> of a floating dtype.</param>
    public UnlabelledDomain(Tensor inputs)
        : this(new TensorRows(inputs)) { }

    /// <summary>A domain whose inputs are read when needed.</summary>
    /// <param name="rows">The inputs.</param>
    public UnlabelledDomain(IRowSource rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        Rows = rows;
    }

    /// <summary>The inputs <c>[n, ...]</c>.</summary>
    /// <exception cref="InvalidOperationException">The inputs are read from a row source and do not lie in memory.</exception>
    public Tensor Inputs => TensorRows.InMemory(Rows);

    /// <summary>The inputs as rows to read, wherever they lie.</summary>
    public IRowSource Rows { get; }

    /// <summary>How many examples there are.</summary>
    public long Count => Rows.Count;
}
