using System.Runtime.InteropServices;

namespace TransferLearning.Distributed;

/// <summary>What follows from an <see cref="ICommunicator"/>'s few members.</summary>
public static class CommunicatorExtensions
{
    /// <summary>Averages each value over all processes; every process gets the same bits.</summary>
    /// <param name="communicator">The processes.</param>
    /// <param name="values">This process's values; the means take their place.</param>
    public static void AllReduceAverage(this ICommunicator communicator, Span<float> values)
    {
        ArgumentNullException.ThrowIfNull(communicator);
        communicator.AllReduceSum(values);
        var size = communicator.Size;
        foreach (ref var value in values)
        {
            value /= size;
        }
    }

    /// <inheritdoc cref="AllReduceAverage(ICommunicator, Span{float})"/>
    public static void AllReduceAverage(this ICommunicator communicator, Span<double> values)
    {
        ArgumentNullException.ThrowIfNull(communicator);
        communicator.AllReduceSum(values);
        var size = communicator.Size;
        foreach (ref var value in values)
        {
            value /= size;
        }
    }

    /// <summary>Puts the values of all processes one after the other, in the order of their ranks.</summary>
    /// <param name="communicator">The processes.</param>
    /// <param name="own">This process's values.</param>
    /// <param name="all">Receives them all: as many times as long as there are processes.</param>
    public static void AllGather<T>(this ICommunicator communicator, ReadOnlySpan<T> own, Span<T> all)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(communicator);
        communicator.AllGather(MemoryMarshal.AsBytes(own), MemoryMarshal.AsBytes(all));
    }

    /// <summary>Gives the values of one process to all.</summary>
    /// <param name="communicator">The processes.</param>
    /// <param name="values">What the root has; the others receive it here.</param>
    /// <param name="root">The rank whose values count.</param>
    public static void Broadcast<T>(this ICommunicator communicator, Span<T> values, int root = 0)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(communicator);
        communicator.Broadcast(MemoryMarshal.AsBytes(values), root);
    }
}
