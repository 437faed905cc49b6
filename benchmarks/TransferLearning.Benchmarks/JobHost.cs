using System.Globalization;

namespace TransferLearning.Benchmarks;

/// <summary>The library's side of the comparison with the peers: answers the protocol of benchmarks/peers/README.md.</summary>
internal static class JobHost
{
    public static void Serve(TextReader commands, TextWriter answers)
    {
        var ready = new Dictionary<string, Func<double>>(StringComparer.Ordinal);
        while (commands.ReadLine() is { } command)
        {
            if (command == "jobs")
            {
                answers.WriteLine(string.Join(' ', Jobs.All.Keys));
            }
            else if (command.StartsWith("run ", StringComparison.Ordinal))
            {
                answers.WriteLine(Run(command[4..]).ToString("0.######", CultureInfo.InvariantCulture));
            }

            answers.Flush();
        }

        double Run(string name)
        {
            if (!ready.TryGetValue(name, out var job))
            {
                ready[name] = job = Jobs.All[name]();
                job();
            }

            return job();
        }
    }
}
