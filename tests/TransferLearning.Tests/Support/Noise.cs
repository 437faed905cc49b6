using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Support;

/// <summary>A view that adds Gaussian noise.</summary>
internal sealed class Noise(double scale) : IAugmentation
{
    public Tensor Apply(Tensor inputs, RandomKey key)
    {
        using var generator = key.Generator();
        return inputs + (randn(inputs.shape, dtype: inputs.dtype, generator: generator).to(inputs.device) * scale);
    }
}
