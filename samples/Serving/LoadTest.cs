using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using static TorchSharp.torch;

namespace Serving;

/// <summary>Eight clients that ask as fast as they are answered, and know the right answers.</summary>
/// <param name="app">The running server.</param>
/// <param name="time">How long they ask.</param>
/// <param name="shift">What is added to every number of the target's rows that they ask for.</param>
internal sealed class LoadTest(WebApplication app, TimeSpan time, double shift)
{
    private const int Clients = 8;
    private const int RowsARequest = 4;
    private const int Marks = 5;
    private const double Megabyte = 1 << 20;

    private readonly ConcurrentBag<double> times = [];
    private readonly HttpClient http = new() { BaseAddress = new Uri(app.Urls.First()) };
    private readonly ConcurrentDictionary<int, long> held = [];
    private int wrong;

    /// <summary>Asks, and says what was seen, a line each.</summary>
    public async Task<string> RunAsync()
    {
        using var client = http;
        var (rows, classes) = Expected();
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(i => Task.Run(() => Ask(i, rows, classes, clock))));
        held[Marks] = Resident();
        var watch = app.Services.GetRequiredService<DriftWatch>();
        var ordered = times.Order().ToArray();
        // So many rows that there is a look even where the clients were answered too slowly for one.
        var difference = await LargestDifference(rows);
        await watch.Looking;
        using var refused = await http.PostAsJsonAsync(
            "/predict",
            new Rows([
                [1, 2],
            ])
        );
        return string.Join(
            '\n',
            Text($"{ordered.Length} requests of {RowsARequest} rows by {Clients} clients in {time.TotalSeconds:F0} s"),
            Text($"{wrong} wrong, median {At(ordered, 0.5):F1} ms, p99 {At(ordered, 0.99):F1} ms"),
            Text($"resident memory at each fifth of the time: {string.Join(", ", Held())} MB"),
            Text($"ONNX route: the largest difference of a probability is {difference:G2}"),
            Text(
                $"drift: {watch.Latest.Looks} looks, the last p = {watch.Latest.PValue:G2}, alarm {watch.Latest.IsAlarm}"
            ),
            $"health: {await http.GetStringAsync("/health")}",
            $"a row of another width: {(int)refused.StatusCode}",
            "metrics:",
            await http.GetStringAsync("/metrics")
        );
    }

    private async Task Ask(int client, float[][] rows, long[] classes, Stopwatch clock)
    {
        var random = new Random(client);
        while (clock.Elapsed < time)
        {
            var start = random.Next(rows.Length - RowsARequest);
            var at = Stopwatch.GetTimestamp();
            var answer = await Answered("/predict", rows[start..(start + RowsARequest)]);
            times.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
            if (!answer.Classes.SequenceEqual(classes[start..(start + RowsARequest)]))
            {
                Interlocked.Increment(ref wrong);
            }
            var mark = (int)(Marks * clock.Elapsed / time);
            if (mark is > 0 and < Marks && !held.ContainsKey(mark))
            {
                held.TryAdd(mark, Resident());
            }
        }
    }

    private async Task<double> LargestDifference(float[][] rows)
    {
        var (own, other) = (await Answered("/predict", rows), await Answered("/predict/onnx", rows));
        var differences = own.Probabilities.Zip(
            other.Probabilities,
            (mine, theirs) => mine.Zip(theirs, (one, another) => Math.Abs(one - another)).Max()
        );
        return own.Classes.SequenceEqual(other.Classes) ? differences.Max() : double.PositiveInfinity;
    }

    private async Task<Answer> Answered(string route, float[][] rows)
    {
        using var response = await http.PostAsJsonAsync(route, new Rows(rows));
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<Answer>())!;
    }

    private (float[][] Rows, long[] Classes) Expected()
    {
        var service = app.Services.GetRequiredService<AdaptedService>();
        using var scope = NewDisposeScope();
        var rows = service.Target.to(float32) + shift;
        return (
            [.. rows.data<float>().ToArray().Chunk(service.Features.Count)],
            service.Model.PredictClasses(rows).data<long>().ToArray()
        );
    }

    private IEnumerable<string> Held() =>
        held.OrderBy(mark => mark.Key).Select(mark => Text($"{mark.Value / Megabyte:F0}"));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static double At(double[] ordered, double share) => ordered[(int)(share * (ordered.Length - 1))];

    private static long Resident()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
