using static TorchSharp.torch;

namespace TransferLearning.Tests.LifetimeHost;

/// <summary>
/// Counts the tensors that a run makes and disposes, without the collector's help, and then calls the collector.
/// </summary>
/// <remarks>
/// TorchSharp's own count of a thread: a finalizer disposes on another thread, so that what was forgotten stays in the
/// count. (<c>Tensor.TotalCount</c> counts every parameter twice and disposes it once.)
/// </remarks>
internal static class Ledger
{
    private static long Live => DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    public static IReadOnlyList<string> Faults(Run run)
    {
        var faults = new List<string>();
        using (var callers = run.IsInScope ? NewDisposeScope() : null)
        {
            using var setting = new Setting();
            Take(run, setting, callers, faults);
        }
        // Whatever was left behind is finalized now, and not in the middle of another run.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return faults;
    }

    private static void Take(Run run, Setting setting, DisposeScope? callers, List<string> faults)
    {
        try
        {
            var act = run.Prepare(setting);
            var (inputs, held, before) = (setting.Bits(), callers?.DisposablesView, Live);
            faults.AddRange(act());
            setting.DisposeDescriptions();
            if (Live != before)
            {
                faults.Add($"{Live - before} tensor(s) left alive");
            }
            if (callers?.DisposablesView.SequenceEqual(held!, ReferenceEqualityComparer.Instance) == false)
            {
                faults.Add("the caller's scope holds other tensors than before");
            }
            if (!setting.Bits().SequenceEqual(inputs))
            {
                faults.Add("the caller's inputs were written to");
            }
        }
        catch (Exception fault)
        {
            faults.Add(
                $"{fault.GetType().Name}: {fault.Message.ReplaceLineEndings(" ")} "
                    + $"{fault.StackTrace?.ReplaceLineEndings(" ")}"
            );
        }
    }
}
