using System.Globalization;
using BenchmarkDotNet.Running;
using TransferLearning.Benchmarks;

if (args is ["--jobs"])
{
    JobHost.Serve(Console.In, Console.Out);
    return;
}

if (args is ["--memory", .. var numbers])
{
    var counts = Array.ConvertAll(numbers, text => int.Parse(text, CultureInfo.InvariantCulture));
    MemoryReport.Print(
        few: counts is [var few, ..] ? few : 500,
        many: counts is [_, var many, ..] ? many : 5000,
        batch: counts is [_, _, var batch] ? batch : 64
    );
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
