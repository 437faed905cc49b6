using System.Diagnostics.Metrics;

namespace Serving;

/// <summary>The server's own instruments; those of the model are under the library's meter.</summary>
internal sealed class ServingMetrics
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Serving";

    private readonly Counter<long> refused;
    private readonly Counter<long> failed;
    private readonly Histogram<double> durations;
    private readonly Histogram<int> batches;
    private readonly Histogram<double> looks;
    private readonly Counter<long> alarms;

    public ServingMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        durations = meter.CreateHistogram<double>("serving.request.duration", "s", "What answered requests took.");
        refused = meter.CreateCounter<long>("serving.request.refused", "{request}", "Requests whose rows are wrong.");
        failed = meter.CreateCounter<long>("serving.request.failed", "{request}", "Requests that no answer came to.");
        batches = meter.CreateHistogram<int>("serving.batch.rows", "{row}", "Rows that were predicted together.");
        looks = meter.CreateHistogram<double>("serving.drift.duration", "s", "What looks for drift took.");
        alarms = meter.CreateCounter<long>("serving.drift.alarms", "{look}", "Looks that found drift.");
    }

    /// <summary>A request was answered.</summary>
    public void Answered(string route, TimeSpan time) => durations.Record(time.TotalSeconds, Tag(route));

    /// <summary>A request was refused.</summary>
    public void Refused(string route) => refused.Add(1, Tag(route));

    /// <summary>A request got no answer, because predicting failed.</summary>
    public void Failed(string route) => failed.Add(1, Tag(route));

    /// <summary>Some rows were predicted together.</summary>
    public void Batch(int rows) => batches.Record(rows);

    /// <summary>A look for drift has ended.</summary>
    public void Looked(TimeSpan time, bool isAlarm)
    {
        looks.Record(time.TotalSeconds);
        alarms.Add(isAlarm ? 1 : 0);
    }

    private static KeyValuePair<string, object?> Tag(string route) => new("route", route);
}
