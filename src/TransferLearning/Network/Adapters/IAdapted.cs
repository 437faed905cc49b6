using TorchSharp.Modules;

namespace TransferLearning.Network;

/// <summary>
/// A layer with parameters of its own beside a frozen network: a low-rank correction, a bottleneck adapter.
/// </summary>
public interface IAdapted
{
    /// <summary>The parameters that were added, and learn.</summary>
    IReadOnlyList<Parameter> Added { get; }
}
