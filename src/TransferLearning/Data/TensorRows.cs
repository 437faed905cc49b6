using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Data;

/// <summary>Rows of a tensor in memory.</summary>
internal sealed class TensorRows : IRowSource
{
    private readonly Tensor inputs;

    public TensorRows(Tensor inputs)
    {
        Guard.Alive(inputs);
        if (inputs.dim() < 1)
        {
            throw new ArgumentException(
                $"inputs must have one row an example, [n, ...]; got {Shape.Of(inputs)}.",
                nameof(inputs)
            );
        }
        this.inputs = inputs;
    }

    public Tensor Inputs => Guard.Alive(inputs);

    public long Count => Inputs.shape[0];

    public static Tensor InMemory(IRowSource rows) =>
        rows is TensorRows memory
            ? memory.Inputs
            : throw new RowsNotInMemoryException(
                rows is ShardedRows shards
                    ? $"This step needs all {rows.Count} rows in memory, but they are shards of {shards.Shards} "
                        + "processes: use a method that works on shards, or give every process all rows."
                    : $"This step needs all {rows.Count} rows in memory, but they are read from "
                        + $"{rows.GetType().Name}: use a method that streams, or a domain over a tensor."
            );

    public Tensor Read(Tensor rows) => Inputs.index_select(0, rows.to(Inputs.device));
}
