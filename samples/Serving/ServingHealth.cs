using Microsoft.Extensions.Diagnostics.HealthChecks;
using static TorchSharp.torch;

namespace Serving;

/// <summary>
/// Healthy where a row of the target is answered within five seconds, degraded where the last look found drift.
/// </summary>
internal sealed class ServingHealth(AdaptedService service, BatchedPredictions predictions, DriftWatch watch)
    : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    )
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        waiting.CancelAfter(Patience);
        try
        {
            _ = await predictions.Of([FirstRow()], waiting.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy($"no row was predicted within {Patience.TotalSeconds} s.");
        }
        return watch.Latest.IsAlarm
            ? HealthCheckResult.Degraded("the rows no longer look like those that the model was adapted to.")
            : HealthCheckResult.Healthy();
    }

    private float[] FirstRow()
    {
        using var scope = NewDisposeScope();
        return service.Target[0].to(float32).data<float>().ToArray();
    }
}
