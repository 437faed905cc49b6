using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>Rows scaled to unit length.</summary>
internal static class RowLengths
{
    /// <summary><c>x / ||x||</c> for each row; a zero row stays zero.</summary>
    public static Tensor Unit(Tensor rows)
    {
        using var scope = NewDisposeScope();
        return (rows / rows.norm(1, keepdim: true).clamp_min(1e-30)).MoveToOuterDisposeScope();
    }
}
