using static TorchSharp.torch;

namespace TransferLearning.Tests.Support;

/// <summary>Rows that can be read some at a time only: more at once than the limit is a failure.</summary>
internal sealed class PiecewiseRows(Tensor rows, long most) : IRowSource
{
    public long Count => rows.shape[0];

    public Tensor Read(Tensor numbers) =>
        numbers.numel() <= most
            ? rows.index_select(0, numbers)
            : throw new InvalidOperationException($"{numbers.numel()} rows at once; at most {most} fit into memory.");
}
