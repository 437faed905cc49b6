using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Distributed;

/// <summary>The verb that lets batch normalization see the rows of all processes.</summary>
public static class NormalizationVerbs
{
    /// <summary>
    /// The network's batch normalizations take the statistics of the whole batch over all processes, until the result
    /// is disposed.
    /// </summary>
    /// <remarks>
    /// Call it in every process before the fit, on each network that has such layers, and dispose the result after it.
    /// <see cref="SynchronizedNormalization"/> says what is computed and sent.
    /// </remarks>
    /// <param name="network">A network with layers <c>BatchNorm1d</c>, <c>2d</c> or <c>3d</c>.</param>
    /// <param name="communicator">The processes: <see cref="MpiCommunicator.World"/>.</param>
    /// <returns>What ends it; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">
    /// The network has no batch normalization, or one that is synchronized already.
    /// </exception>
    public static SynchronizedNormalization Synchronized(this nn.Module network, ICommunicator communicator)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(communicator);
        return new SynchronizedNormalization(network, new CommunicatorGroup(communicator));
    }
}
