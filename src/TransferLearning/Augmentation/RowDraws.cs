using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>
/// Random numbers, one or more for each row, drawn on the CPU and moved to the rows' device. Opens no scopes.
/// </summary>
internal static class RowDraws
{
    /// <summary>Even draws from 0 to 1.</summary>
    public static Tensor Uniform(Tensor rows, RandomKey key, params ReadOnlySpan<long> shape)
    {
        using var generator = key.Generator();
        return rand(shape.ToArray(), generator: generator).to(rows.dtype, rows.device);
    }

    /// <summary>Even draws of whole numbers from 0 to <paramref name="below"/> - 1.</summary>
    public static Tensor Whole(Tensor rows, RandomKey key, long below, params ReadOnlySpan<long> shape)
    {
        using var generator = key.Generator();
        return randint(0, below, shape.ToArray(), dtype: int64, generator: generator).to(rows.device);
    }

    /// <summary>An operation whose strength each image draws evenly from -1 to 1.</summary>
    public static Tensor Apply(IImageOperation operation, Tensor inputs, RandomKey key)
    {
        ImageChecks.Images(inputs);
        using var scope = NewDisposeScope();
        var strengths = (Uniform(inputs, key, inputs.shape[0]) * 2) - 1;
        return operation.Apply(inputs, strengths).MoveToOuterDisposeScope();
    }
}
