using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>How many equal weights some weights are worth (Kish 1965): <c>(sum w)^2 / sum w^2</c>.</summary>
internal static class EffectiveSampleSize
{
    public static double Of(Tensor weights)
    {
        using var scope = NewDisposeScope();
        var wide = weights.to(float64);
        return (wide.sum().square() / wide.square().sum()).item<double>();
    }
}
