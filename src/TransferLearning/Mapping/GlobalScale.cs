using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>Two samples brought to one scale by one mean and one standard deviation over all their entries.</summary>
internal static class GlobalScale
{
    public static (Tensor Source, Tensor Target) Of(Tensor source, Tensor target)
    {
        var spread = (source.std(unbiased: false) + target.std(unbiased: false)) / 2;
        var mean = (source.mean() + target.mean()) / 2;
        return ((source - mean) / spread.clamp_min(1e-30), (target - mean) / spread.clamp_min(1e-30));
    }
}
