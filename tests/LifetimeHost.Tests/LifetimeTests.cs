using TransferLearning.Tests.Support;

namespace LifetimeHost.Tests;

/// <summary>
/// Every method, found by reflection and run in its smallest form: fitted, used, saved, loaded, canceled and failing in
/// the middle, it leaves no tensor alive without the collector's help, nothing of the caller's is written to or moved,
/// and finalizers raise nothing.
/// </summary>
public sealed class LifetimeTests(ITestOutputHelper output)
{
    [Fact]
    public void EveryMethod_UsedCanceledOrFailing_LeavesNothingBehind()
    {
        // A finalizer that throws, or a fault in native code, ends the process: its last line names the run.
        using var process = RepositoryProgram.Start("LifetimeHost");
        var (last, faults) = ("", new List<string>());
        while (process.StandardOutput.ReadLine() is { } line)
        {
            last = line;
            if (line.StartsWith("fault ", StringComparison.Ordinal))
            {
                faults.Add(line);
            }
        }
        process.WaitForExit();

        output.WriteLine(last);
        Assert.True(faults.Count == 0, string.Join(Environment.NewLine, faults));
        Assert.True(process.ExitCode == 0 && last.StartsWith("done ", StringComparison.Ordinal), $"ended at: {last}");
    }
}
