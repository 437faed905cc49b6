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

    private static (string? Hash, int LastStep) Run(string folder, int? killAtStep, int moduleSeed)
    {
        using var process = RepositoryProgram.Start("CrashHost", folder, $"{moduleSeed}");
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
                if (last == killAtStep)
                {
                    process.Kill(); // no signal that the program could handle
                }
            }
        }
        process.WaitForExit();
        return (hash, last);
    }
}
