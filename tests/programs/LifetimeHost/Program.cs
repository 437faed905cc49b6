// Runs every method of the library in its smallest form and says, one a line, which left a tensor behind. A tensor
// whose finalizer throws ends the process: the last line that begins with "run" names it. A test reads the lines.
using TransferLearning.Tests.LifetimeHost;

var only = args.Length > 0 ? args[0] : "";
var runs = Chains
    .All()
    .SelectMany(chain => ChainRun.Of(chain))
    .Concat(Calls.All())
    .Where(run => run.Name.Contains(only, StringComparison.Ordinal));
var count = 0;
foreach (var run in runs)
{
    Console.WriteLine($"run {run.Name}");
    foreach (var fault in Ledger.Faults(run))
    {
        Console.WriteLine($"fault {run.Name}: {fault}");
    }
    count++;
}
Console.WriteLine($"done {count}");
