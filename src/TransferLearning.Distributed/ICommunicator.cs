namespace TransferLearning.Distributed;

/// <summary>Messages among the processes of one run.</summary>
/// <remarks>
/// Every process calls the same members in the same order with spans of the same lengths; a call returns when this
/// process has its result, and may wait until all have called. One thread calls at a time.
/// </remarks>
public interface ICommunicator
{
    /// <summary>This process's place, from 0.</summary>
    int Rank { get; }

    /// <summary>How many processes there are.</summary>
    int Size { get; }

    /// <summary>The name of the machine that this process runs on, for errors.</summary>
    string Host { get; }

    /// <summary>Adds up each value over all processes; every process gets the same bits.</summary>
    /// <param name="values">This process's terms; the sums take their place.</param>
    void AllReduceSum(Span<float> values);

    /// <inheritdoc cref="AllReduceSum(Span{float})"/>
    void AllReduceSum(Span<double> values);

    /// <summary>Puts the values of all processes one after the other, in the order of their ranks.</summary>
    /// <param name="own">This process's values.</param>
    /// <param name="all">Receives them all: <see cref="Size"/> times as long.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    void AllGather(ReadOnlySpan<byte> own, Span<byte> all);

    /// <summary>Gives the values of one process to all.</summary>
    /// <param name="values">What the root has; the others receive it here.</param>
    /// <param name="root">The rank whose values count.</param>
    void Broadcast(Span<byte> values, int root = 0);

    /// <summary>Waits until all processes are here.</summary>
    void Barrier();

    /// <summary>Ends all processes of the run, this one first; it says who and why.</summary>
    /// <param name="reason">What happened.</param>
    void Abort(string reason);
}
