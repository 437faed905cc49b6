using System.Globalization;
using BenchmarkDotNet.Running;
using TransferLearning.Benchmarks;

if (args is ["--jobs"])
{
    JobHost.Serve(Console.In, Console.Out);
    return 0;
}

if (args is ["--memory", .. var numbers])
{
    var counts = Array.ConvertAll(numbers, text => int.Parse(text, CultureInfo.InvariantCulture));
    MemoryReport.Print(
        few: counts is [var few, ..] ? few : 500,
        many: counts is [_, var many, ..] ? many : 5000,
        batch: counts is [_, _, var batch] ? batch : 64
    );
    return 0;
}

if (args is ["--large"])
{
    LargeReport.Print();
    return 0;
}

if (args is ["--large-one", var method, var size])
{
    LargeReport.PrintOne(method, int.Parse(size, CultureInfo.InvariantCulture));
    return 0;
}

if (args is ["--stream", .. { Length: <= 1 } amount])
{
    StreamReport.Print(amount is [var gigabytes] ? double.Parse(gigabytes, CultureInfo.InvariantCulture) : 50);
    return 0;
}

if (args is ["--check"])
{
    Console.WriteLine($"{SuiteCheck.Run(Console.Out)} benchmarks ran once.");
    return 0;
}

if (args is ["--compare", var before, var after, .. { Length: <= 1 } within])
{
    var tolerance = within is [var text] ? double.Parse(text, CultureInfo.InvariantCulture) : 1.15;
    return ResultComparison.Print(before, after, tolerance, Console.Out) ? 0 : 1;
}

var (config, rest) = args is ["--quick", .. var chosen]
    ? (OwnProcesses.Quick, chosen is [] ? ["--filter", "*"] : chosen)
    : (OwnProcesses.Full, args);
var summaries = BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(rest, config);
return summaries.All(summary => !summary.HasCriticalValidationErrors && summary.Reports.All(report => report.Success))
    ? 0
    : 1;
