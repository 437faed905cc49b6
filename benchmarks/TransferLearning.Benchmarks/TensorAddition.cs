using static TorchSharp.torch;

namespace TransferLearning.Benchmarks;

/// <summary>Adds two tensors of one element without gradient: nothing but the overhead of an operation.</summary>
internal sealed class TensorAddition(int times)
{
    private readonly Tensor _first = ones(1).DetachFromDisposeScope();
    private readonly Tensor _second = ones(1).DetachFromDisposeScope();

    public void Run()
    {
        using var quiet = no_grad();
        for (var i = 0; i < times; i++)
        {
            using var sum = _first.add(_second);
        }
    }
}
