using System.Diagnostics;

namespace Serving;

/// <summary>What every route of predictions does: it checks the rows, counts the request, and watches for drift.</summary>
internal sealed class Answering(AdaptedService service, DriftWatch watch, ServingMetrics metrics)
{
    /// <summary>Answers a request.</summary>
    /// <param name="route">The route, for the metrics.</param>
    /// <param name="rows">The body.</param>
    /// <param name="predict">Predicts rows that are in order.</param>
    public async Task<IResult> Answer(string route, Rows rows, Func<Task<Answer>> predict)
    {
        var begun = Stopwatch.GetTimestamp();
        if (service.Fault(rows.Values) is { } fault)
        {
            metrics.Refused(route);
            return Results.BadRequest(fault);
        }
        try
        {
            var answer = await predict();
            metrics.Answered(route, Stopwatch.GetElapsedTime(begun));
            watch.See(rows.Values);
            return Results.Ok(answer);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            metrics.Failed(route);
            throw;
        }
    }
}
