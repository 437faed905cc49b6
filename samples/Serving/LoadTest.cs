using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using static TorchSharp.torch;

namespace Serving;

/// <summary>Eight clients that ask as fast as they are answered, and know the right answers.</summary>
internal static class LoadTest
{
    private const int Clients = 8;
    private const int RowsARequest = 4;

    public static async Task<string> RunAsync(WebApplication app, TimeSpan time)
    {
        var service = app.Services.GetRequiredService<AdaptedService>();
        var (rows, classes) = Expected(service);
        var times = new ConcurrentBag<double>();
        var wrong = 0;
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        long begun = 0;
        var clock = Stopwatch.StartNew();
        async Task Ask(int client)
        {
            var random = new Random(client);
            while (clock.Elapsed < time)
            {
                var start = random.Next(rows.Length - RowsARequest);
                var at = Stopwatch.GetTimestamp();
                using var response = await http.PostAsJsonAsync(
                    "/predict",
                    new Rows(rows[start..(start + RowsARequest)])
                );
                var answer = await response.Content.ReadFromJsonAsync<Answer>();
                times.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
                if (answer is null || !answer.Classes.SequenceEqual(classes[start..(start + RowsARequest)]))
                {
                    Interlocked.Increment(ref wrong);
                }
                if (clock.Elapsed > time / 10 && Interlocked.Read(ref begun) == 0)
                {
                    Interlocked.CompareExchange(ref begun, Resident(), 0);
                }
            }
        }
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(() => Ask(client))));
        using var refused = await http.PostAsJsonAsync(
            "/predict",
            new Rows([
                [1, 2],
            ])
        );
        var watch = app.Services.GetRequiredService<DriftWatch>().Latest;
        var ordered = times.Order().ToArray();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{ordered.Length} requests of {RowsARequest} rows by {Clients} clients in {time.TotalSeconds:F0} s, {wrong} "
                + $"wrong; median {At(ordered, 0.5):F1} ms, p99 {At(ordered, 0.99):F1} ms; resident memory "
                + $"{begun / 1048576.0:F0} MB, then {Resident() / 1048576.0:F0} MB; {watch.Looks} looks for drift, "
                + $"alarm {watch.IsAlarm}; a row of another width: {(int)refused.StatusCode}"
        );
    }

    private static (float[][] Rows, long[] Classes) Expected(AdaptedService service)
    {
        using var scope = NewDisposeScope();
        var width = (int)service.Target.shape[1];
        var numbers = service.Target.to(float32).data<float>().ToArray();
        return (
            [.. numbers.Chunk(width)],
            service.Model.PredictClasses(service.Target.to(float32)).data<long>().ToArray()
        );
    }

    private static double At(double[] ordered, double share) => ordered[(int)(share * (ordered.Length - 1))];

    private static long Resident()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
