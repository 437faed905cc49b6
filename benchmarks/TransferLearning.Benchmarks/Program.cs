using System.Globalization;
using BenchmarkDotNet.Running;
using TransferLearning.Benchmarks;

if (args is ["--jobs"])
{
    JobHost.Serve(Console.In, Console.Out);
    return;
}

if (args is ["--memory", .. var steps])
{
    var counts = Array.ConvertAll(steps, text => long.Parse(text, CultureInfo.InvariantCulture));
    MemoryReport.Print(counts is [var few, ..] ? few : 500, counts is [_, var many] ? many : 5000);
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
