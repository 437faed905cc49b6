using System.Diagnostics;
using System.Globalization;
using TransferLearning.Instance;
using TransferLearning.Kernels;
using TransferLearning.Mapping;
using static TorchSharp.torch;

namespace TransferLearning.Benchmarks;

/// <summary>
/// Time and peak resident memory of what has a way past memory, for growing domains; each figure from a process of its
/// own.
/// </summary>
internal static class LargeReport
{
    private const int Features = 256;
    private static readonly int[] Sizes = [1_000, 10_000, 100_000];

    private static readonly Dictionary<string, Func<LabeledDomain, Tensor, IDisposable>> Methods = new(
        StringComparer.Ordinal
    )
    {
        ["rows alone"] = (_, _) => zeros(1),
        ["CorrelationAlignment"] = (source, target) => new CorrelationAlignment().Fit(source.Inputs, target),
        ["SubspaceAlignment"] = (source, target) => new SubspaceAlignment().Fit(source.Inputs, target).Source,
        ["TransferComponentAnalysis, 500 landmarks"] = (source, target) =>
            new TransferComponentAnalysis { Kernel = Gaussian, Landmarks = 500 }.Fit(source.Inputs, target),
        ["KernelMeanMatching, 500 landmarks"] = (source, target) =>
            new KernelMeanMatching { Kernel = Gaussian, Landmarks = 500 }.Weigh(source.Inputs, target),
        ["MiniBatchTransport, batches of 1,000, 1 pass"] = (source, target) =>
            new MiniBatchTransport { Passes = 1 }.Fit(source, target),
    };

    private static GaussianKernel Gaussian => new(1.0 / Features);

    /// <summary>Starts a process for every method and size and prints their table.</summary>
    public static void Print()
    {
        Console.WriteLine(
            $"| method | rows in each domain, of {Features} float32 features | seconds | peak resident memory, MB |"
        );
        Console.WriteLine("|---|---|---|---|");
        foreach (var method in Methods.Keys)
        {
            foreach (var size in Sizes)
            {
                var start = new ProcessStartInfo(Environment.ProcessPath!)
                {
                    RedirectStandardOutput = true,
                    UseShellExecute = false,
                };
                string[] arguments = ["--large-one", method, size.ToString(CultureInfo.InvariantCulture)];
                foreach (var argument in Host().Concat(arguments))
                {
                    start.ArgumentList.Add(argument);
                }
                using var process = Process.Start(start)!;
                Console.Write(process.StandardOutput.ReadToEnd());
                process.WaitForExit();
            }
        }
    }

    /// <summary>Measures one method in this process and prints its line.</summary>
    public static void PrintOne(string method, int size)
    {
        using var scope = NewDisposeScope();
        using var generator = new RandomKey(0).Generator();
        var source = new LabeledDomain(
            randn([size, Features], dtype: float32, generator: generator),
            arange(size, dtype: int64).remainder(10)
        );
        var target = randn([size, Features], dtype: float32, generator: generator).mul_(0.9).add_(0.3);
        var clock = Stopwatch.StartNew();
        Methods[method](source, target).Dispose();
        var seconds = clock.Elapsed.TotalSeconds;
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"| {method} | {size:N0} | {seconds:F2} | {PeakBytes() / 1048576.0:N0} |"
            )
        );
    }

    // The program under 'dotnet program.dll', nothing where it is its own executable.
    private static string[] Host() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet"
            ? [typeof(LargeReport).Assembly.Location]
            : [];

    private static long PeakBytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}
