using System.Diagnostics;
using Microsoft.Extensions.Options;
using TransferLearning;
using TransferLearning.Theory;
using static TorchSharp.torch;

namespace Serving;

/// <summary>Whether the rows that come still look like those that the model was adapted to.</summary>
/// <remarks>
/// A look makes the <see cref="ShiftReport"/> of the target's rows, labeled as the model reads them, and of the rows
/// that came. Its two-sample test deals both to two samples at random, again and again; where it gives a p-value of at
/// most <see cref="DriftOptions.Alarm"/> the look is an alarm, and the report says which features and which classes
/// moved. No label of the rows that came is needed.
/// </remarks>
internal sealed class DriftWatch(
    AdaptedService service,
    IOptions<DriftOptions> options,
    ServingMetrics metrics,
    ILogger<DriftWatch> log
) : IHostedService
{
    private readonly Lock writing = new();
    private readonly List<float[]> seen = [];
    private readonly DriftOptions settings = options.Value;
    private long ended = long.MinValue;
    private bool isStopping;

    /// <summary>The last look.</summary>
    public DriftLook Latest { get; private set; } = new(0, 1, IsAlarm: false, []);

    /// <summary>What the last look has found; null before the first has ended.</summary>
    public ShiftReport? Report { get; private set; }

    /// <summary>The look under way, or the last.</summary>
    public Task Looking { get; private set; } = Task.CompletedTask;

    /// <summary>Takes note of some rows; a look runs beside the requests, one at a time.</summary>
    public void See(float[][] rows)
    {
        lock (writing)
        {
            if (isStopping || !Looking.IsCompleted || IsPausing())
            {
                return; // rows that come during a look and its pause are not noted
            }
            seen.AddRange(rows.Take(settings.Rows - seen.Count));
            if (seen.Count == settings.Rows)
            {
                var full = seen.ToArray();
                seen.Clear();
                Looking = Task.Run(() => Look(full));
            }
        }
    }

    /// <summary>Nothing: a look starts when enough rows have come.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Waits for the look under way: it reads the model, which is disposed next.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (writing)
        {
            isStopping = true;
            return Looking;
        }
    }

    private bool IsPausing() =>
        ended != long.MinValue && Stopwatch.GetElapsedTime(ended).TotalSeconds < settings.PauseSeconds;

    private void Look(float[][] rows)
    {
        try
        {
            var begun = Stopwatch.GetTimestamp();
            var report = Compare(rows);
            var isAlarm = report.InputPValue <= settings.Alarm;
            Report = report;
            Latest = new DriftLook(
                Latest.Looks + 1,
                report.InputPValue,
                isAlarm,
                [.. report.Features.Select(it => $"{service.Features[it.Feature]}: {it}")]
            );
            metrics.Looked(Stopwatch.GetElapsedTime(begun), isAlarm);
            if (isAlarm)
            {
                log.LogWarning("the rows no longer look like the target of the fit: {Report}", report);
            }
        }
        catch (Exception fault)
        {
            log.LogError(fault, "the look for drift failed");
        }
        finally
        {
            ended = Stopwatch.GetTimestamp();
        }
    }

    private ShiftReport Compare(float[][] rows)
    {
        using var scope = NewDisposeScope();
        var recent = tensor(rows.SelectMany(row => row).ToArray(), rows.Length, rows[0].Length);
        var target = service.Target.to(recent.dtype);
        var read = service.Model.PredictClasses(target);
        return new ShiftDiagnosis
        {
            Test = new MaximumMeanDiscrepancyTest { Permutations = settings.Permutations },
            Seed = Latest.Looks,
        }.Of(new LabeledDomain(target, read, space: service.Model.Space), new UnlabeledDomain(recent));
    }
}

/// <summary>What a look has found.</summary>
/// <param name="Looks">How many looks there were.</param>
/// <param name="PValue">How often equal domains differ as much; 1 before the first look.</param>
/// <param name="IsAlarm">Whether that is too seldom to be chance.</param>
/// <param name="Features">The features that differ most by themselves.</param>
internal sealed record DriftLook(long Looks, double PValue, bool IsAlarm, IReadOnlyList<string> Features);
