using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace TransferLearning;

/// <summary>Under which names fits and predictions report to OpenTelemetry and to other listeners.</summary>
/// <remarks>
/// <para>
/// Activities: <c>fit</c>, and inside it one <c>stage</c> each with the tags <c>stage.name</c> and
/// <c>stage.number</c> (from 1). One that ends by an exception has the status Error with its message.
/// </para>
/// <para>
/// Instruments: <c>transferlearning.training.steps</c> counts the steps of networks, with the tag <c>stage.number</c>;
/// <c>transferlearning.predicted.rows</c> counts the rows that models have predicted;
/// <c>transferlearning.prediction.duration</c> is a histogram of the seconds that batches took. Where nobody listens,
/// nothing is measured.
/// </para>
/// </remarks>
public static class Telemetry
{
    /// <summary>The name of the <see cref="ActivitySource"/> and of the <see cref="Meter"/>.</summary>
    public const string SourceName = "TransferLearning";

    private static readonly ActivitySource Source = new(SourceName);
    private static readonly Meter Meter = new(SourceName);
    private static readonly Counter<long> Steps = Meter.CreateCounter<long>(
        "transferlearning.training.steps",
        "{step}",
        "Steps of network trainings."
    );
    private static readonly Counter<long> Rows = Meter.CreateCounter<long>(
        "transferlearning.predicted.rows",
        "{row}",
        "Rows that models have predicted."
    );
    private static readonly Histogram<double> Durations = Meter.CreateHistogram<double>(
        "transferlearning.prediction.duration",
        "s",
        "What a batch of predictions took."
    );

    internal static T Fit<T>(Func<T> work) => Within(Source.StartActivity("fit"), work);

    internal static T Stage<T>(int number, string name, Func<T> work) =>
        Within(Source.StartActivity("stage")?.SetTag("stage.number", number).SetTag("stage.name", name), work);

    private static T Within<T>(Activity? activity, Func<T> work)
    {
        using (activity)
        {
            try
            {
                return work();
            }
            catch (Exception fault)
            {
                activity?.SetStatus(ActivityStatusCode.Error, fault.Message);
                throw;
            }
        }
    }

    internal static void Step(int stage)
    {
        if (Steps.Enabled)
        {
            Steps.Add(1, new KeyValuePair<string, object?>("stage.number", stage));
        }
    }

    internal static long Begin() => Durations.Enabled || Rows.Enabled ? Stopwatch.GetTimestamp() : 0;

    internal static void Predicted(long rows, long begun)
    {
        Rows.Add(rows);
        if (begun != 0)
        {
            Durations.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds);
        }
    }
}
