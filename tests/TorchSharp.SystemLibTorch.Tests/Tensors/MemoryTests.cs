using System.Diagnostics;
using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibTorch.Tests.Tensors;

[Collection("process-wide counters")]
public class MemoryTests
{
    [Fact]
    public void Scopes_OverAMillionOperations_KeepMemoryFlat()
    {
        using var recording = no_grad();
        using var a = ones(64);
        Run(a, 2_000);
        var tensors = Tensor.TotalCount;
        Settle();
        var resident = Resident();
        Run(a, 10_000);
        Settle();
        Assert.InRange(Tensor.TotalCount - tensors, -200, 200);
        Assert.InRange(Resident() - resident, long.MinValue, 24L << 20);

        static void Run(Tensor a, int steps)
        {
            for (var i = 0; i < steps; i++)
            {
                using var scope = NewDisposeScope();
                for (var j = 0; j < 100; j++)
                    a.add(a);
            }
        }
    }

    [Fact]
    public void Finaliser_OfForgottenTensors_FreesThem()
    {
        var before = Tensor.TotalCount;
        Forget(20_000);
        for (var i = 0; i < 20 && Tensor.TotalCount > before + 500; i++)
            Settle();
        Assert.InRange(Tensor.TotalCount - before, long.MinValue, 500);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Forget(int count)
        {
            for (var i = 0; i < count; i++)
                ones(16);
        }
    }

    [Fact]
    public void PeakCount_AfterMany_IsAtLeastTheirNumber()
    {
        using var scope = NewDisposeScope();
        var made = Enumerable.Range(0, 500).Select(_ => ones(1)).ToArray();
        Assert.True(Tensor.PeakCount >= made.Length);
        Assert.True(Tensor.TotalCount >= made.Length);
    }

    [Fact]
    public void Empty_BeyondAllMemory_SaysHowMuchWasAskedFor()
    {
        var error = Assert.ThrowsAny<Exception>(() => empty([1L << 50]));
        Assert.Contains(
            "can't allocate memory: you tried to allocate 4503599627370496 bytes",
            error.Message,
            StringComparison.Ordinal
        );
        using var next = ones(3);
        Assert.Equal(3, next.sum().item<float>());
    }

    [Fact]
    public void Operations_OnManyThreads_AreIndependent()
    {
        var sums = new double[8];
        Parallel.For(
            0,
            sums.Length,
            thread =>
            {
                using var recording = thread % 2 == 0 ? no_grad() : enable_grad();
                for (var i = 0; i < 300; i++)
                {
                    using var scope = NewDisposeScope();
                    var x = full([4], thread, dtype: float64, requires_grad: thread % 2 == 1);
                    var y = (x * 2).sum();
                    if (thread % 2 == 1)
                        y.backward();
                    sums[thread] += y.requires_grad == (thread % 2 == 1) ? y.item<double>() : double.NaN;
                }
            }
        );
        Assert.Equal(Enumerable.Range(0, sums.Length).Select(thread => 300.0 * 8 * thread), sums);
    }

    private static void Settle()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }

    private static long Resident()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
