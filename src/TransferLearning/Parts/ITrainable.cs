using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>A part with parameters that gradient descent can move.</summary>
public interface ITrainable : ICheckpointed
{
    /// <summary>The module that holds the parameters and buffers. The part's owner disposes it.</summary>
    nn.Module Module { get; }

    /// <inheritdoc />
    void ICheckpointed.Exchange(StateBag state) => state.Module("module", Module);
}
