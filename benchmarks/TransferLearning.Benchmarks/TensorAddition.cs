using static TorchSharp.torch;

namespace TransferLearning.Benchmarks;

/// <summary>Adds two small tensors without gradient: hardly more than the overhead of an operation.</summary>
internal sealed class TensorAddition(int times, long[] shape, Device device)
{
    private readonly Tensor _first = ones(shape, device: device).DetachFromDisposeScope();
    private readonly Tensor _second = ones(shape, device: device).DetachFromDisposeScope();

    /// <summary>Of one element, on the CPU.</summary>
    public TensorAddition(int times)
        : this(times, [1], CPU) { }

    public void Run()
    {
        using var quiet = no_grad();
        for (var i = 0; i < times; i++)
        {
            using var sum = _first.add(_second);
        }
    }
}
