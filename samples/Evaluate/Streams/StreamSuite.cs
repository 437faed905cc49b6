using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Evaluate.Measuring;
using Evaluate.Tables;
using MathNet.Numerics.Distributions;
using TransferLearning;
using static TorchSharp.torch;

namespace Evaluate.Streams;

/// <summary>Domains that come one after the other: <c>streams</c> on the command line.</summary>
internal static class StreamSuite
{
    private const int Seeds = 3;
    private const string WithLabels = "labeled";
    private const string WithoutLabels = "unlabeled";

    private static readonly (string Name, IReadOnlyList<string> Domains)[] Orders =
    [
        ("photo to art to cartoon", ["photo", "art", "cartoon"]),
        ("cartoon to art to photo", ["cartoon", "art", "photo"]),
    ];

    /// <summary>The command.</summary>
    public static Command Command() =>
        EvaluateOptions.PageCommand("streams", "Domains that come one after the other", Run);

    private static int Run(string data, bool isFresh, CancellationToken cancellation)
    {
        var page = Path.Combine(RepositoryFolder.Path, "docs", "results", "streams.md");
        var journal = Path.ChangeExtension(page, ".csv");
        try
        {
            var isKnown = !isFresh && File.Exists(journal);
            var known = isKnown ? File.ReadLines(journal).Skip(1).Select(StreamOutcome.Read).ToList() : [];
            Measure(data, WithLabels, LabeledStreams.Methods, known, journal, cancellation);
            Measure(data, WithoutLabels, UnlabeledStreams.Methods, known, journal, cancellation);
            File.WriteAllText(page, PageOf(known));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            Console.Error.WriteLine(
                $"{fault.Message}\nNo page was written, and what was measured is kept. docs/results/data.md says what "
                    + "the folder of --data holds."
            );
            return 1;
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine("Stopped. The same command goes on from here; --fresh starts anew.");
            return 130;
        }

        Console.WriteLine($"Page: {page}");
        return 0;
    }

    private static void Measure(
        string data,
        string setting,
        IReadOnlyList<StreamMethod> methods,
        List<StreamOutcome> known,
        string journal,
        CancellationToken cancellation
    )
    {
        var read = PacsFeatures.Reader(data);
        foreach (var (order, names) in Orders)
        {
            using var scope = NewDisposeScope();
            LabeledDomain[] domains = [.. names.Select(read)];
            foreach (var method in methods)
            {
                for (var seed = 1; seed <= Seeds; seed++)
                {
                    var key = new StreamKey(setting, order, method.Name, seed);
                    if (known.Exists(it => it.Key == key))
                    {
                        continue;
                    }

                    using var run = NewDisposeScope();
                    var clock = Stopwatch.StartNew();
                    var result = method.Run(domains, new FitOptions { Seed = seed }, cancellation);
                    known.Add(StreamOutcome.Of(key, result, clock.Elapsed.TotalSeconds));
                    WholeFile.Write(journal, [StreamOutcome.Head, .. known.Select(it => it.Line())]);
                    Console.WriteLine($"{order}, {method.Name}, {seed}:\n{result}");
                }
            }
        }
    }

    private static string PageOf(List<StreamOutcome> outcomes)
    {
        var page = new StringBuilder();
        page.Append(
            CultureInfo.InvariantCulture,
            $"""
            # Domains that come one after the other

            `dotnet run -c Release --project samples/Evaluate -- streams` makes this page and the CSV file beside it,
            one line a stream. Accuracies in per cent, means over {Seeds} seeds with half the width of their 95%
            interval by Student's t. Streams are of the ResNet-18 features of PACS: photographs, paintings and cartoons,
            512 features, rows of length sqrt(512), seven classes. Extractor: linear 512 to 256, ReLU, linear 256 to
            256, ReLU; heads: linear 256 to 7. Each domain is learned for 40 epochs of batches of 64, Adam at 0.001.
            "Before" is the accuracy on the first domain before the others come, "after" that when all have been
            learned; "on arrival" the mean over the others of the accuracy right after each; "at the end" the mean over
            all three when the last has been learned; "forgetting" the mean of the best accuracy so far less that at the
            end, over all domains but the last (`StreamResult`). Every setting is its method's default where no other
            is named, and was not chosen on these data, but for two strengths of EWC: 1e4 and 1e6 were added when 1, the
            default, and 100 had been seen to hold little. Time is that of one stream and hangs on what else the machine
            did.

            ## Labeled domains, a head for each
            Half of each domain, drawn by the seed, is learned, the other half judged, each domain by its own head: it
            is known which domain a row is of. A domain that has not come yet is judged by the newest head. EWC looks at
            200 rows of each domain that is over; rehearsal keeps ten rows of each class of it; LwF and rehearsal let
            old heads move along; the columns of PNN have adapters of 64 between them.


            """
        );
        Tables(page, outcomes, WithLabels, LabeledStreams.Methods);
        page.Append(
            """

            ## One labeled domain, then domains without labels
            `DomainStream` with one head: the first domain is learned with its labels, the others without. Two methods
            go on without the rows of the first domain, three have them in every fit. All rows of the first domain are
            learned and judged, so that its accuracies are of rows that were learned; the others' rows are seen without
            labels and judged.


            """
        );
        Tables(page, outcomes, WithoutLabels, UnlabeledStreams.Methods);
        return page.ToString();
    }

    private static void Tables(
        StringBuilder page,
        List<StreamOutcome> outcomes,
        string setting,
        IReadOnlyList<StreamMethod> methods
    )
    {
        foreach (var (order, _) in Orders)
        {
            page.Append(order == Orders[0].Name ? "" : "\n");
            Line(page, [$"{order}, %", "before", "after", "on arrival", "at the end", "forgetting", "time, s"]);
            Line(page, Enumerable.Repeat("---", 7));
            foreach (var method in methods)
            {
                var own = outcomes.FindAll(it =>
                    (it.Setting, it.Order, it.Method) == (setting, order, method.Name) && it.Seed <= Seeds
                );
                Line(
                    page,
                    [
                        method.Name,
                        Figure(own, it => it.Before),
                        Figure(own, it => it.After),
                        Figure(own, it => it.Arrival),
                        Figure(own, it => it.End),
                        Figure(own, it => it.Forgetting),
                        own.Average(it => it.Seconds).ToString("F1", CultureInfo.InvariantCulture),
                    ]
                );
            }
        }
    }

    private static string Figure(IEnumerable<StreamOutcome> outcomes, Func<StreamOutcome, double> figure)
    {
        var values = outcomes.Select(it => 100 * figure(it)).ToList();
        var mean = values.Average();
        var variance = values.Sum(it => (it - mean) * (it - mean)) / (values.Count - 1);
        var half = StudentT.InvCDF(0, 1, values.Count - 1, 0.975) * Math.Sqrt(variance / values.Count);
        var rounded = Math.Round(mean, 1) + 0.0; // no minus before a 0
        return string.Create(CultureInfo.InvariantCulture, $"{rounded:F1} ± {half:F1}");
    }

    private static void Line(StringBuilder page, IEnumerable<string> cells) =>
        page.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
