using System.Diagnostics;
using System.Reflection;

namespace TransferLearning.Tests.Guards;

/// <summary>The package as its users meet it: packed, restored from a folder into a fresh program, run.</summary>
public sealed class PackageTests
{
    [SkippableFact]
    public void Package_RestoredIntoAFreshProgram_RunsATenLineDann()
    {
        Skip.IfNot(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "the script that packs needs bash.");
        var assembly = typeof(PackageTests).Assembly;
        var configuration = assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        string Setting(string name) =>
            assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == name).Value!;
        var start = new ProcessStartInfo("bash")
        {
            ArgumentList =
            {
                Repository.Path("eng", "package-smoke", "run.sh"),
                configuration,
                Setting("TorchSharpSource"),
                Setting("LibTorchPackage"),
                Setting("LibTorchVersion"),
            },
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The test host's own settings must not leak into the program that is built.
        start.Environment.Remove("MSBUILD_EXE_PATH");
        start.Environment.Remove("MSBuildSDKsPath");

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        Assert.True(process.ExitCode == 0, $"{output}\n{errors.Result}");
        Assert.Contains("package smoke: the packaged library reads", output, StringComparison.Ordinal);
    }
}
