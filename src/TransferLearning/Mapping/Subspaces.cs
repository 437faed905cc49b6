using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>The dimension of principal subspaces.</summary>
internal static class Subspaces
{
    /// <summary>The wanted number of axes, or half the width and at most 80, checked against what the rows can span.</summary>
    public static long Count(int? wanted, Tensor source, Tensor target, long mostOfWidth)
    {
        var most = Math.Min(mostOfWidth, Math.Min(source.shape[0], target.shape[0]) - 1);
        var count = wanted ?? Math.Max(1, Math.Min(Math.Min(source.shape[1] / 2, 80), most));
        if (count < 1 || count > most)
        {
            throw new ArgumentOutOfRangeException(
                "Components",
                count,
                $"Components must lie in 1 ... {most} for {source.shape[0]} source and {target.shape[0]} target rows of width {source.shape[1]}; got {count}."
            );
        }
        return count;
    }
}
