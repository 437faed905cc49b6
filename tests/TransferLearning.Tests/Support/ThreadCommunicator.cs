using TransferLearning.Distributed;

namespace TransferLearning.Tests.Support;

/// <summary>Threads of this process that exchange messages as the processes of a run do.</summary>
internal sealed class ThreadCommunicator : ICommunicator
{
    private readonly Board board;

    private ThreadCommunicator(Board board, int rank) => (this.board, Rank) = (board, rank);

    public int Rank { get; }

    public int Size => board.Values.Length;

    public string Host => "threads";

    /// <summary>How many sums this thread has taken part in.</summary>
    public int Sums { get; private set; }

    /// <summary>Runs something on as many threads; where one fails, all end, and its exception is thrown.</summary>
    public static T[] Run<T>(int size, Func<ThreadCommunicator, T> body)
    {
        using var shared = new Board(size);
        var results = new T[size];
        var faults = new Exception?[size];
        var threads = Enumerable
            .Range(0, size)
            .Select(rank => new Thread(() =>
            {
                var communicator = new ThreadCommunicator(shared, rank);
                shared.Turn.Wait();
                try
                {
                    results[rank] = body(communicator);
                }
                catch (Exception fault)
                {
                    faults[rank] = fault;
                    communicator.Abort(fault.Message);
                }
                finally
                {
                    shared.Turn.Release();
                }
            }))
            .ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        if (faults.FirstOrDefault(fault => fault is not (null or AbortedException)) is { } first)
        {
            throw first;
        }
        return results;
    }

    public void AllReduceSum(Span<float> values)
    {
        Sums++;
        var all = Exchanged(values.ToArray());
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = all.Sum(one => ((float[])one)[i]);
        }
    }

    public void AllReduceSum(Span<double> values)
    {
        Sums++;
        var all = Exchanged(values.ToArray());
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = all.Sum(one => ((double[])one)[i]);
        }
    }

    public void AllGather(ReadOnlySpan<byte> own, Span<byte> all)
    {
        var parts = Exchanged(own.ToArray());
        for (var rank = 0; rank < Size; rank++)
        {
            ((byte[])parts[rank]).CopyTo(all[(rank * own.Length)..]);
        }
    }

    public void Broadcast(Span<byte> values, int root = 0) =>
        ((byte[])Exchanged(values.ToArray())[root]).CopyTo(values);

    public void Barrier() => Exchanged(Array.Empty<byte>());

    public void Abort(string reason)
    {
        board.Reason = $"rank {Rank}: {reason}";
        board.Stop.Cancel();
    }

    // All have put theirs down, all have read them.
    private object[] Exchanged(Array own)
    {
        board.Turn.Release();
        try
        {
            board.Values[Rank] = own;
            board.Meeting.SignalAndWait(board.Stop.Token);
            object[] all = [.. board.Values];
            board.Meeting.SignalAndWait(board.Stop.Token);
            Assert.All(all, one => Assert.Equal(own.Length, ((Array)one).Length));
            return all;
        }
        catch (OperationCanceledException)
        {
            throw new AbortedException(board.Reason);
        }
        finally
        {
            board.Turn.Wait();
        }
    }

    private sealed class Board(int size) : IDisposable
    {
        public object[] Values { get; } = new object[size];

        public Barrier Meeting { get; } = new(size);

        // One computes at a time: TorchSharp's numbers do not bear another thread's collections.
        public SemaphoreSlim Turn { get; } = new(1);

        public CancellationTokenSource Stop { get; } = new();

        public string? Reason { get; set; }

        public void Dispose()
        {
            Meeting.Dispose();
            Turn.Dispose();
            Stop.Dispose();
        }
    }

    private sealed class AbortedException(string? reason) : Exception(reason);
}
