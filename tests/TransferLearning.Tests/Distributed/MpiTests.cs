using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using TransferLearning.Tests.Support;

namespace TransferLearning.Tests.Distributed;

/// <summary>Processes that <c>mpirun</c> starts.</summary>
public sealed partial class MpiTests
{
    // Who waits for a rank that is gone waits forever. That a run ends is what counts, however busy the machine is.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly string[] Places = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');

    [Fact]
    public void Calls_BetweenProcesses_GiveWhatTheyMust()
    {
        var (output, code) = Run(2, "calls");
        Assert.Equal(0, code);
        Assert.Contains("rank 0 of 2 on ", output, StringComparison.Ordinal);
        Assert.Contains("rank 1 of 2 on ", output, StringComparison.Ordinal);
        Assert.Equal(2, Regex.Count(output, "calls hold", RegexOptions.None, TimeSpan.FromSeconds(1)));
    }

    /// <summary>
    /// Two processes, then one that resumes from their checkpoints, against one alone: the same parameters.
    /// </summary>
    [Fact]
    public void Training_OfTwoProcessesAndOfOne_EndsInTheSameParameters()
    {
        using var whole = new TemporaryFolder();
        using var two = new TemporaryFolder();
        var expected = Assert.Single(Norms(Run(1, "train", whole.Path)));

        var shared = Norms(Run(2, "train", two.Path));

        Assert.Equal(2, shared.Count);
        Assert.Equal(shared[0], shared[1]);
        Assert.Equal(expected.Norm, shared[0].Norm, 1e-9);

        // As if the run had been cut off after step 35.
        foreach (var file in Directory.EnumerateFiles(two.Path).Where(file => !file.Contains("step000000035")))
        {
            File.Delete(file);
        }
        Assert.Equal(expected.Norm, Assert.Single(Norms(Run(1, "train", two.Path))).Norm, 1e-9);
    }

    /// <summary>Every shallow method over shards, against one process that holds all rows.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Methods_OverShardsOfTheRows_FindWhatOneProcessFinds(int ranks)
    {
        using var folder = new TemporaryFolder();
        Dictionary<string, double[]>[] Found(int size)
        {
            var (output, code) = Run(size, "shards", folder.Path);
            Assert.True(code == 0, output);
            return [.. Enumerable.Range(0, size).Select(rank => Numbers(folder.File($"{size}-{rank}.found")))];
        }
        var expected = Assert.Single(Found(1));
        Assert.Equal(11, expected.Count);
        foreach (var found in Found(ranks))
        {
            Assert.Equal(expected.Keys, found.Keys);
            foreach (var (name, numbers) in found)
            {
                var gap = expected[name].Zip(numbers, (one, other) => Math.Abs(one - other)).Max();
                var size = expected[name].Max(Math.Abs);
                Assert.True(gap < 1e-9 * size, $"{name} differs by {gap / size:G3} on {ranks} processes.");
            }
        }
    }

    [Theory]
    [InlineData(2, "throws", "rank 1 of 2 on .*InvalidDataException: the disk of this rank is full")]
    [InlineData(2, "exits", "rank 1 of 2 on .*ends with exit code 3")]
    [InlineData(2, "kills", "process rank 1 .*exited on signal 9")]
    [InlineData(4, "throws", "rank 1 of 4 on .*InvalidDataException: the disk of this rank is full")]
    [InlineData(4, "kills", "process rank 1 .*exited on signal 9")]
    public void Rank_ThatIsLost_EndsAllWithinTenSecondsAndIsNamed(int ranks, string how, string said)
    {
        var (output, code) = Run(ranks, how);
        var ended = DateTimeOffset.UtcNow;

        Assert.NotEqual(0, code);
        Assert.Matches(said, output);
        Assert.DoesNotContain("hash", output, StringComparison.Ordinal);
        var wrong = DateTimeOffset.FromUnixTimeMilliseconds(Assert.Single(Figures(output, "goes wrong at")));
        Assert.InRange((ended - wrong).TotalSeconds, 0, 10);
        var processes = Figures(output, "is process");
        Assert.Equal(ranks, processes.Count);
        // The system may still be taking them down when mpirun has ended.
        bool AreGone() => !processes.Exists(process => Directory.Exists($"/proc/{process}"));
        Assert.True(SpinWait.SpinUntil(AreGone, wrong.AddSeconds(10) - ended), output);
    }

    [Fact]
    public void Rank_ThatIsCanceled_StopsAllInOrder()
    {
        var (output, code) = Run(2, "cancels");
        Assert.Equal(0, code);
        Assert.Contains("rank 0 of 2", output, StringComparison.Ordinal);
        Assert.Equal(2, Regex.Count(output, ": canceled", RegexOptions.None, TimeSpan.FromSeconds(1)));
    }

    // What the ranks have said after these words.
    private static List<long> Figures(string output, string words) =>
        [
            .. Regex
                .Matches(output, words + @" (\d+)\.", RegexOptions.None, TimeSpan.FromSeconds(1))
                .Select(match => long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)),
        ];

    private static List<(double Norm, string Hash)> Norms((string Output, int Code) run)
    {
        Assert.True(run.Code == 0, run.Output);
        return
        [
            .. Said()
                .Matches(run.Output)
                .Select(match =>
                    (
                        double.Parse(match.Groups["norm"].ValueSpan, CultureInfo.InvariantCulture),
                        match.Groups["hash"].Value
                    )
                ),
        ];
    }

    // A line a method: its name, a colon, numbers.
    private static Dictionary<string, double[]> Numbers(string file) =>
        File.ReadLines(file)
            .Select(line => line.Split(':'))
            .ToDictionary(
                parts => parts[0],
                parts => parts[1].Split(' ').Select(n => double.Parse(n, CultureInfo.InvariantCulture)).ToArray(),
                StringComparer.Ordinal
            );

    // Both streams: MPI says on one of them what it ends for.
    private static (string Output, int Code) Run(int ranks, params IEnumerable<string> arguments)
    {
        Assert.SkipUnless(
            Places.Any(place => File.Exists(Path.Combine(place, "mpirun"))),
            "There is no mpirun here: apt-get install openmpi-bin libopenmpi3."
        );
        var program = RepositoryProgram.PathOf("DistributedHost");
        var start = new ProcessStartInfo(
            "mpirun",
            ["--allow-run-as-root", "--oversubscribe", "-np", $"{ranks}", "dotnet", program, .. arguments]
        )
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["OMP_NUM_THREADS"] = "1";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"mpirun has not ended after {Patience}.");
        }
        return (output.GetAwaiter().GetResult() + errors.GetAwaiter().GetResult(), process.ExitCode);
    }

    [GeneratedRegex(
        "norm (?<norm>[^,]+), hash (?<hash>[0-9A-F]+)",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Said();
}
