using System.Globalization;
using BenchmarkDotNet.Running;
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

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, OwnProcesses.Config);
