using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using TransferLearning;

namespace Serving;

/// <summary>
/// Listens to the meters of the server and of the library, and gives their sums as text that Prometheus reads.
/// </summary>
/// <remarks>A server with OpenTelemetry's packages exports the same meters by them instead.</remarks>
internal sealed class MetricsPage : IDisposable
{
    private readonly MeterListener listener = new();
    private readonly Lock summing = new();
    private readonly SortedDictionary<(string Name, string Tags), Sum> sums = [];

    public MetricsPage()
    {
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Meter.Name is ServingMetrics.MeterName or Telemetry.SourceName)
            {
                listening.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();
    }

    /// <summary>The page: counters as they stand, of histograms the count and the sum.</summary>
    public string Text()
    {
        var text = new StringBuilder();
        lock (summing)
        {
            var last = "";
            foreach (var ((name, tags), sum) in sums)
            {
                var kind = sum.IsHistogram ? "summary" : "counter";
                text.Append(name == last ? "" : $"# TYPE {name} {kind}\n");
                last = name;
                if (sum.IsHistogram)
                {
                    text.Append(CultureInfo.InvariantCulture, $"{name}_count{tags} {sum.Count}\n");
                    text.Append(CultureInfo.InvariantCulture, $"{name}_sum{tags} {sum.Total}\n");
                }
                else
                {
                    text.Append(CultureInfo.InvariantCulture, $"{name}{tags} {sum.Total}\n");
                }
            }
        }
        return text.ToString();
    }

    public void Dispose() => listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var isHistogram = instrument is Histogram<double> or Histogram<int>;
        var name = instrument.Name.Replace('.', '_') + (isHistogram ? "" : "_total");
        var written = new StringBuilder();
        foreach (var (label, tag) in tags)
        {
            written.Append(CultureInfo.InvariantCulture, $"{(written.Length > 0 ? "," : "")}{label}=\"{tag}\"");
        }
        var place = (name, written.Length > 0 ? $"{{{written}}}" : "");
        lock (summing)
        {
            var sum = sums.GetValueOrDefault(place);
            sums[place] = new Sum(sum.Count + 1, sum.Total + value, isHistogram);
        }
    }

    private readonly record struct Sum(long Count, double Total, bool IsHistogram);
}
