using TransferLearning.Theory;
using static TorchSharp.torch;

namespace Serving;

/// <summary>Whether the rows that come still look like those that the model was adapted to.</summary>
/// <remarks>
/// Every 200 rows are held against 200 of the target's by a permutation test of their mean discrepancy. A p-value of at
/// most 0.001 is an alarm: of servers whose rows do not change, one look in a thousand gives one.
/// </remarks>
internal sealed class DriftWatch(AdaptedService service, ILogger<DriftWatch> log)
{
    private const int RowsALook = 200;
    private const double Alarm = 1e-3;

    private readonly Lock writing = new();
    private readonly List<float[]> seen = [];
    private Task looking = Task.CompletedTask;

    /// <summary>The last look.</summary>
    public DriftLook Latest { get; private set; } = new(0, 0, IsAlarm: false);

    /// <summary>Takes note of some rows; a look runs beside the requests, one at a time.</summary>
    public void See(float[][] rows)
    {
        lock (writing)
        {
            if (!looking.IsCompleted)
            {
                return; // rows that come during a look are not noted
            }
            seen.AddRange(rows.Take(RowsALook - seen.Count));
            if (seen.Count == RowsALook)
            {
                var full = seen.ToArray();
                seen.Clear();
                looking = Task.Run(() => Look(full));
            }
        }
    }

    private void Look(float[][] rows)
    {
        try
        {
            Compare(rows);
        }
        catch (Exception fault)
        {
            log.LogError(fault, "the look for drift failed");
        }
    }

    private void Compare(float[][] rows)
    {
        using var scope = NewDisposeScope();
        var recent = tensor(rows.SelectMany(row => row).ToArray(), rows.Length, rows[0].Length);
        using var generator = new TransferLearning.RandomKey(Latest.Looks).Generator();
        var drawn = randperm(service.Target.shape[0], generator: generator)
            .narrow(0, 0, Math.Min(RowsALook, service.Target.shape[0]));
        var target = service.Target.index_select(0, drawn).to(recent.dtype);
        var result = new MaximumMeanDiscrepancyTest().Of(target, recent);
        Latest = new DriftLook(Latest.Looks + 1, result.PValue, result.PValue <= Alarm);
        if (Latest.IsAlarm)
        {
            log.LogWarning("the rows no longer look like the target of the fit: {Result}", result);
        }
    }
}

/// <summary>What a look has found.</summary>
/// <param name="Looks">How many looks there were.</param>
/// <param name="PValue">How often equal domains differ as much.</param>
/// <param name="IsAlarm">Whether that is too seldom to be chance.</param>
internal sealed record DriftLook(long Looks, double PValue, bool IsAlarm);
