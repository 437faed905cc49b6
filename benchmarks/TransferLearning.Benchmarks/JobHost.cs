using System.Globalization;

namespace TransferLearning.Benchmarks;

/// <summary>
/// The library's side of the comparison with the peers: answers the protocol of benchmarks/peers/README.md.
/// </summary>
internal static class JobHost
{
    public static void Serve(TextReader commands, TextWriter answers)
    {
        var ready = new Dictionary<string, Func<double>>(StringComparer.Ordinal);
        while (commands.ReadLine() is { } line)
        {
            var (command, job) = line.Split(' ') is [var first, var second] ? (first, second) : (line, "");
            if (command == "jobs")
            {
                answers.WriteLine(string.Join(' ', Jobs.Names));
            }
            else if (command == "prepare")
            {
                ready[job] = Jobs.Prepare(job);
                answers.WriteLine("ready");
            }
            else if (command == "run")
            {
                answers.WriteLine(ready[job]().ToString("0.######", CultureInfo.InvariantCulture));
            }

            answers.Flush();
        }
    }
}
