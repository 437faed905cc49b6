using System.Diagnostics;
using System.Reflection;
using System.Text;
using SkiaSharp;
using TransferLearning.Tests.Documentation;
using TransferLearning.Tests.Support;
using TransferLearning.Tests.Vision;

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
        await Pack("TransferLearning");
        var program = await Program("FreshProgram");
        await Write(program, "README.md");

        var output = await Dotnet(program, ["build", "-c", "Release", Backend]);
        Assert.Equal(LibStdCxxIsOlder(), output.Contains("warning TL0001", StringComparison.Ordinal));
        output = await Dotnet(program, ["build", "-c", "Release", Backend, "-p:NoWarn=TL0001"]);
        Assert.DoesNotContain("TL0001", output, StringComparison.Ordinal);

        output = await Dotnet(program, Run);
        Assert.Matches("accuracy on new target rows: 9", output);
        Assert.True(File.Exists(Path.Combine(program, "adapted.model")));

        await Write(program, Path.Combine("docs", "guide.md"));
        output = await Dotnet(program, Run);
        Assert.Contains("the loaded model agrees: True", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Packages_AllRestoredIntoAFreshProgram_AdaptAFolderOfImagesInTwentyLines()
    {
        var page = Path.Combine("docs", "images-program.md");
        var lines = PrintedProgram.Of(page).TrimEnd().Split('\n');
        Assert.True(lines.Length <= 20, $"the program of {page} has {lines.Length} lines");
        if (!Directory.Exists(Path.Combine(Setting("PackageFolder"), ResNet18)))
        {
            Assert.Skip(
                $"the package {ResNet18} 0.23.1 could not be restored: https://www.nuget.org/packages/{ResNet18}"
            );
        }
        foreach (var part in new[] { "", ".Distributed", ".Onnx", ".Tabular", ".Vision" })
        {
            await Pack("TransferLearning" + part);
        }
        var program = await Program("FreshImages");
        await Write(program, page);
        foreach (var number in Enumerable.Range(1, 4))
        {
            var size = 60 + (10 * number);
            Pictures.Write(Path.Combine(program, "photo", "cat", $"{number}.png"), size, size);
            Pictures.Write(Path.Combine(program, "art", "cat", $"{number}.jpg"), size, size, SKColors.DarkRed);
            foreach (var (file, green) in new[] { ("photo", SKColors.Lime), ("art", SKColors.Green) })
            {
                Pictures.Write(Path.Combine(program, file, "dog", $"{number}.png"), size, size, green, green);
            }
        }

        var output = await Dotnet(program, Run);

        var read = output.Split('\n').Where(line => line.StartsWith("art", StringComparison.Ordinal)).ToList();
        Assert.Equal(8, read.Count);
        Assert.All(
            read,
            line => Assert.Matches(@"^art/(?<name>cat|dog)/\d\.\w+: \k<name>\s*$", line.Replace('\\', '/'))
        );
    }

    public void Dispose() => work.Dispose();

    private static string ResNet18 => "microsoft.ml.dnnimagefeaturizer.resnet18";

    private static string Backend =>
        $"-p:LibTorchPackage={Setting("LibTorchPackage")};LibTorchVersion={Setting("LibTorchVersion")}";

    private static string[] Run => ["run", "-c", "Release", Backend, "-p:TransferLearningRelaxLibStdCxx=true"];

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

    private Task<string> Pack(string package)
    {
        var configuration = typeof(PackageTests).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!;
        return Dotnet(
            Repository.Root,
            ["pack", $"src/{package}", "--no-build", "-c", configuration.Configuration, "-o", work.File("feed")]
        );
    }

    // A folder with the project's file alone, as far from the repository as a user's.
    private async Task<string> Program(string project)
    {
        var program = Directory.CreateDirectory(work.File("a program")).FullName;
        var file = project + ".csproj";
        File.Copy(Repository.Path("tests", "programs", project, file), Path.Combine(program, file));
        File.Copy(Repository.Path("global.json"), Path.Combine(program, "global.json"));
        await File.WriteAllTextAsync(Path.Combine(program, "nuget.config"), NuGetConfig(), Canceled);
        return program;
    }

    private static Task Write(string program, string page) =>
        File.WriteAllTextAsync(Path.Combine(program, "Program.cs"), PrintedProgram.Of(page), Canceled);

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
