using System.Globalization;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using TransferLearning.Benchmarks;

if (args is ["--jobs"])
{
    JobHost.Serve(Console.In, Console.Out);
    return;
}

if (args is ["--memory"])
{
    MemoryReport.Print();
    return;
}

if (args is ["--large"])
{
    LargeReport.Print();
    return;
}

if (args is ["--large-one", var method, var size])
{
    LargeReport.PrintOne(method, int.Parse(size, CultureInfo.InvariantCulture));
    return;
}

// In this process: a project that BenchmarkDotNet makes inside the repository would inherit its build settings.
var config = DefaultConfig.Instance.AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance));
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);
