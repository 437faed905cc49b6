using System.Diagnostics;
using System.Globalization;
using TransferLearning.Distributed;

namespace TransferLearning.Tests.DistributedHost;

/// <summary>Messages by themselves.</summary>
internal static class Calls
{
    /// <summary>Every call, its result against what it must be.</summary>
    public static void Try(MpiCommunicator world)
    {
        float[] floats = [world.Rank, 1];
        world.AllReduceSum(floats.AsSpan());
        var pairs = world.Size * (world.Size - 1) / 2f;
        Holds(world, "sum of floats", floats[0] == pairs && floats[1] == world.Size);

        double[] doubles = [world.Rank, 1e-12];
        world.AllReduceAverage(doubles.AsSpan());
        Holds(world, "mean of doubles", doubles[0] == pairs / world.Size && doubles[1] == 1e-12);

        var all = new long[2 * world.Size];
        world.AllGather<long>([world.Rank, -1], all);
        Holds(world, "gather", Enumerable.Range(0, world.Size).All(rank => all[2 * rank] == rank && all[1] == -1));

        int[] last = [world.Rank];
        world.Broadcast(last.AsSpan(), world.Size - 1);
        Holds(world, "broadcast", last[0] == world.Size - 1);

        world.Barrier();
        Holds(world, "null reference", ThrowsAtNull());
        Console.WriteLine($"{world}: calls hold");
    }

    /// <summary>The time of an all-reduce by its bytes, the fastest of five rounds.</summary>
    public static void Time(MpiCommunicator world)
    {
        foreach (var bytes in new[] { 8, 1 << 20, 10 << 20 })
        {
            var values = new float[bytes / sizeof(float)];
            var best = double.PositiveInfinity;
            for (var round = 0; round < 5; round++)
            {
                const int Times = 20;
                world.Barrier();
                var clock = Stopwatch.StartNew();
                for (var i = 0; i < Times; i++)
                {
                    world.AllReduceSum(values.AsSpan());
                }
                best = Math.Min(best, clock.Elapsed.TotalMilliseconds / Times);
            }
            if (world.Rank == 0)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes: {best:F3} ms"));
            }
        }
    }

    // MPI and what it loads must leave the runtime its signals.
    private static bool ThrowsAtNull()
    {
        try
        {
            return Length(null!) < 0;
        }
        catch (NullReferenceException)
        {
            return true;
        }
    }

    private static int Length(string text) => text.Length;

    private static void Holds(MpiCommunicator world, string what, bool does)
    {
        if (!does)
        {
            throw new InvalidOperationException($"{world}: {what} does not hold.");
        }
    }
}
