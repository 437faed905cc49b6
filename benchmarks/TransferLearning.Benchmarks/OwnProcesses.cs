using System.Reflection;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters.Json;
using BenchmarkDotNet.Jobs;
using Perfolizer.Horology;

namespace TransferLearning.Benchmarks;

/// <summary>
/// Every job runs in processes of its own, built by BenchmarkDotNet. Their project does not see the repository's build
/// files, so the check of TorchSharp's native library is handed to it.
/// </summary>
internal static class OwnProcesses
{
    /// <summary>BenchmarkDotNet's own way to measure.</summary>
    public static IConfig Full { get; } = Config(Job.Default);

    /// <summary>Few and short iterations: minutes for all suites, and ratios that are good for a first look.</summary>
    public static IConfig Quick { get; } =
        Config(
            Job.Default.WithWarmupCount(1).WithIterationCount(3).WithIterationTime(TimeInterval.FromMilliseconds(100))
        );

    private static IConfig Config(Job job) =>
        ManualConfig
            .Create(DefaultConfig.Instance)
            // The machine may be busy, and this repository's projects are built with the benchmarks' own.
            .WithBuildTimeout(TimeSpan.FromMinutes(15))
            .AddExporter(JsonExporter.Full)
            .AddJob(
                job.WithArguments([
                        new MsBuildArgument($"/p:CustomAfterMicrosoftCommonTargets={NativeLibraryTargets()}"),
                        new MsBuildArgument("/p:TransferLearningRelaxLibStdCxx=true"),
                    ])
                    .AsMutator()
            );

    private static string NativeLibraryTargets() =>
        typeof(OwnProcesses)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == nameof(NativeLibraryTargets))
            .Value!;
}
