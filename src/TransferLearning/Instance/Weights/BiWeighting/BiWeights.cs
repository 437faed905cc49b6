using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>What <see cref="BiWeighting"/> finds. The tensors belong to whoever holds this; dispose it.</summary>
/// <param name="Instances">The weights of the source rows <c>[n]</c>, not negative, of mean 1.</param>
/// <param name="Features">The weights of the features <c>[d]</c>, above 0 and at most 1.</param>
/// <param name="Objective">The value of J after every round.</param>
public sealed record BiWeights(Tensor Instances, Tensor Features, IReadOnlyList<double> Objective) : IDisposable
{
    /// <summary>Disposes the weights.</summary>
    public void Dispose()
    {
        Instances.Dispose();
        Features.Dispose();
    }
}
