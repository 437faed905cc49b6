using static TorchSharp.torch;

namespace TransferLearning.Benchmarks.Suites;

/// <summary>Random rows of two domains that every suite can have.</summary>
internal static class MadeRows
{
    /// <summary>Standard normal rows, moved and shrunk by <paramref name="shift"/>; the caller disposes them.</summary>
    public static Tensor Normal(long rows, long width, double shift = 0, ScalarType type = ScalarType.Float64)
    {
        using var scope = NewDisposeScope();
        using var generator = new RandomKey(0).Child((int)Math.Round(100 * shift)).Generator();
        var drawn = randn([rows, width], dtype: type, generator: generator);
        return drawn.mul_(1 - (0.3 * shift)).add_(shift).MoveToOuterDisposeScope();
    }

    /// <summary>Images <c>[n, channels, side, side]</c> with pixels from 0 to 1; the caller disposes them.</summary>
    public static Tensor Images(long count, long channels, long side)
    {
        using var generator = new RandomKey(1).Generator();
        return rand([count, channels, side, side], generator: generator);
    }

    /// <summary>Classes by the sign of the first feature, every tenth wrong; the caller disposes them.</summary>
    public static Tensor NoisyClasses(Tensor rows)
    {
        using var scope = NewDisposeScope();
        var classes = rows.select(1, 0).gt(0);
        var isWrong = arange(rows.shape[0], device: rows.device).remainder(10).eq(0);
        return classes.bitwise_xor(isWrong).to(int64).MoveToOuterDisposeScope();
    }

    /// <summary>Class numbers from 0 in turn; the caller disposes them.</summary>
    public static Tensor Classes(long rows, long classes)
    {
        using var scope = NewDisposeScope();
        return arange(rows, dtype: int64).remainder(classes).MoveToOuterDisposeScope();
    }
}
