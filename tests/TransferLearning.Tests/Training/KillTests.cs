using TransferLearning.Tests.Support;

namespace TransferLearning.Tests.Training;

/// <summary>A process that is killed outright loses nothing but the step it was in.</summary>
public sealed class KillTests
{
    [Fact]
    public void Process_KilledAgainAndAgain_EndsInTheBitsOfOneNeverKilled()
    {
        using var whole = new TemporaryFolder();
        using var killed = new TemporaryFolder();
        var expected = Run(whole.Path, killAtStep: null, moduleSeed: 1).Hash;
        Assert.NotNull(expected);

        var lastStep = 0;
        foreach (var killAt in new[] { 3, 41, 120 })
        {
            var (hash, reached) = Run(killed.Path, killAt, moduleSeed: lastStep == 0 ? 1 : killAt);
            Assert.Null(hash);
            Assert.True(reached > lastStep, $"the run killed at step {killAt} went no further than the one before");
            lastStep = reached;
        }

        Assert.Equal(expected, Run(killed.Path, killAtStep: null, moduleSeed: 99).Hash);
    }

    /// <summary>
    /// 200 kills, each at a random moment: while the program starts, trains, writes or renames. Nothing that was said
    /// to be done is lost.
    /// </summary>
    [LongFact]
    public void Process_KilledTwoHundredTimesAtRandom_LosesNothing()
    {
        const int Kills = 200;
        const int Steps = 6_000;
        using var whole = new TemporaryFolder();
        using var killed = new TemporaryFolder();
        var random = new RandomKey(1).Random();
        var (reached, inTraining, kept) = (0L, 0, 0L);
        for (var kill = 0; kill < Kills; kill++)
        {
            var last = KilledWithin(killed.Path, random, Steps);
            inTraining += last > 0 ? 1 : 0;
            reached = Math.Max(reached, last);
            var files = Directory.EnumerateFiles(killed.Path, "*.checkpoint").Order(StringComparer.Ordinal);
            if (files.LastOrDefault() is { } file)
            {
                using var latest = StateBag.Read(file); // it is whole
                var before = kept;
                latest.Scope("stage0").Scope("current").Number("step", ref kept);
                Assert.True(kept >= before, $"kill {kill}: step {before} was kept before, and {kept} is now.");
            }
            // A step is said before its checkpoint is written.
            Assert.True(kept >= reached - 1, $"kill {kill}: step {reached} was said, and {kept} is the last kept.");
        }
        Assert.True(inTraining > Kills / 2, $"{inTraining} of {Kills} kills met a training.");
        Assert.True(reached < Steps, "the training ended before the kills did.");

        var hash = Run(killed.Path, killAtStep: null, moduleSeed: 99, $"{Steps}").Hash;
        Assert.NotNull(hash);
        Assert.Equal(Run(whole.Path, killAtStep: null, moduleSeed: 1, $"{Steps}").Hash, hash);
    }

    // The last step that it said. It is killed at a random moment of its first steps, or before them.
    private static long KilledWithin(string folder, Random random, int steps)
    {
        using var process = RepositoryProgram.Start("CrashHost", folder, "1", $"{steps}");
        var last = 0L;
        var isBeforeTraining = random.Next(5) == 0;
        if (isBeforeTraining)
        {
            Thread.Sleep(random.Next(1000));
            process.Kill();
        }
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (!line.StartsWith("step ", StringComparison.Ordinal))
            {
                continue;
            }
            if (last == 0 && !isBeforeTraining)
            {
                Thread.Sleep(random.Next(60));
                process.Kill();
            }
            last = long.Parse(line.AsSpan(5), System.Globalization.CultureInfo.InvariantCulture);
        }
        process.WaitForExit();
        return last;
    }

    private static (string? Hash, int LastStep) Run(
        string folder,
        int? killAtStep,
        int moduleSeed,
        string steps = "200"
    )
    {
        using var process = RepositoryProgram.Start("CrashHost", folder, $"{moduleSeed}", steps);
        string? hash = null;
        var last = 0;
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith("hash ", StringComparison.Ordinal))
            {
                hash = line;
            }
            else if (line.StartsWith("step ", StringComparison.Ordinal))
            {
                last = int.Parse(line.AsSpan(5), System.Globalization.CultureInfo.InvariantCulture);
                if (last >= killAtStep) // a slow reader's program may have gone further
                {
                    process.Kill(); // no signal that the program could handle
                }
            }
        }
        process.WaitForExit();
        return (hash, last);
    }
}
