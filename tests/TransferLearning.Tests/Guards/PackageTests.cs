using System.Diagnostics;
using System.Reflection;
using System.Text;
using TransferLearning.Tests.Documentation;
using TransferLearning.Tests.Support;

namespace TransferLearning.Tests.Guards;

/// <summary>
/// The package as its users meet it: packed, restored from a folder into a fresh program, built, run.
/// </summary>
public sealed class PackageTests : IDisposable
{
    private readonly TemporaryFolder work = new();

    [Fact]
    public async Task Package_RestoredIntoAFreshProgram_RunsTheReadmeAndTheGuideAsPrinted()
    {
        var configuration = typeof(PackageTests).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!;
        await Dotnet(
            Repository.Root,
            ["pack", "src/TransferLearning", "--no-build", "-c", configuration.Configuration, "-o", work.File("feed")]
        );
        var program = Directory.CreateDirectory(work.File("a program")).FullName;
        File.Copy(
            Repository.Path("tests", "programs", "FreshProgram", "FreshProgram.csproj"),
            Path.Combine(program, "FreshProgram.csproj")
        );
        File.Copy(Repository.Path("global.json"), Path.Combine(program, "global.json"));
        await Write("README.md");
        await File.WriteAllTextAsync(Path.Combine(program, "nuget.config"), NuGetConfig(), Canceled);

        var backend = $"-p:LibTorchPackage={Setting("LibTorchPackage")};LibTorchVersion={Setting("LibTorchVersion")}";
        var output = await Dotnet(program, ["build", "-c", "Release", backend]);
        Assert.Equal(LibStdCxxIsOlder(), output.Contains("warning TL0001", StringComparison.Ordinal));
        output = await Dotnet(program, ["build", "-c", "Release", backend, "-p:NoWarn=TL0001"]);
        Assert.DoesNotContain("TL0001", output, StringComparison.Ordinal);

        string[] run = ["run", "-c", "Release", backend, "-p:TransferLearningRelaxLibStdCxx=true"];
        output = await Dotnet(program, run);
        Assert.Matches("accuracy on new target rows: 9", output);
        Assert.True(File.Exists(Path.Combine(program, "adapted.model")));

        await Write(Path.Combine("docs", "guide.md"));
        output = await Dotnet(program, run);
        Assert.Contains("the loaded model agrees: True", output, StringComparison.Ordinal);

        Task Write(string page) =>
            File.WriteAllTextAsync(Path.Combine(program, "Program.cs"), PrintedProgram.Of(page), Canceled);
    }

    public void Dispose() => work.Dispose();

    private static CancellationToken Canceled => TestContext.Current.CancellationToken;

    private static string Setting(string name) =>
        typeof(PackageTests)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == name)
            .Value!;

    // Read without an ELF parser, so that the package's own is checked by something else.
    private static bool LibStdCxxIsOlder()
    {
        string[] places = ["/lib/x86_64-linux-gnu/libstdc++.so.6", "/lib64/libstdc++.so.6"];
        var library = places.FirstOrDefault(File.Exists);
        return library is not null
            && File.ReadAllBytes(library).AsSpan().IndexOf(Encoding.ASCII.GetBytes("GLIBCXX_3.4.32\0")) < 0;
    }

    // What was restored for this repository is at hand already; nothing of this test goes into that folder.
    private string NuGetConfig() =>
        $"""
            <configuration>
              <packageSources>
                <clear />
                <add key="packed" value="{work.File("feed")}" />
              </packageSources>
              <packageSourceMapping>
                <clear />
              </packageSourceMapping>
              <fallbackPackageFolders>
                <clear />
                <add key="restored before" value="{Setting("PackageFolder")}" />
              </fallbackPackageFolders>
            </configuration>
            """;

    private async Task<string> Dotnet(string folder, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The test host's own settings must not leak into the program that is built.
        foreach (var name in new[] { "MSBUILD_EXE_PATH", "MSBuildSDKsPath", "MSBuildExtensionsPath" })
        {
            start.Environment.Remove(name);
        }
        start.Environment["NUGET_PACKAGES"] = work.File("packages");
        // A server of the compiler or of the build that outlives the test would hold its folder.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        if (folder == Repository.Root)
        {
            start.Environment.Remove("NUGET_PACKAGES");
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(Canceled);
        var output = await process.StandardOutput.ReadToEndAsync(Canceled);
        await process.WaitForExitAsync(Canceled);
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', start.ArgumentList)}\n{output}\n{await errors}");
        return output;
    }
}
