using System.Reflection;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;

namespace TransferLearning.Benchmarks;

/// <summary>
/// Every job runs in processes of its own, built by BenchmarkDotNet. Their project does not see the repository's build
/// files, so the check of TorchSharp's native library is handed to it.
/// </summary>
internal static class OwnProcesses
{
    public static IConfig Config { get; } =
        DefaultConfig.Instance.AddJob(
            Job.Default.WithArguments([
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
