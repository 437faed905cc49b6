using System.CommandLine;
using System.Globalization;
using System.Text;
using Evaluate.Measuring;
using Evaluate.Tables;
using TransferLearning;
using TransferLearning.Evaluation;
using TransferLearning.Network;
using static TorchSharp.torch;

namespace Evaluate.Episodes;

/// <summary>Five classes of one or five labeled rows each: <c>few-shot</c> on the command line.</summary>
internal static class FewShotSuite
{
    private const int Episodes = 300;
    private static readonly int[] Shots = [1, 5];

    /// <summary>The command.</summary>
    public static Command Command() =>
        EvaluateOptions.PageCommand("few-shot", "Classes of one or five labeled rows", Run);

    private static int Run(string data, bool isFresh, CancellationToken cancellation)
    {
        var page = Path.Combine(RepositoryFolder.Path, "docs", "results", "few-shot.md");
        var journal = Path.ChangeExtension(page, ".csv");
        var isKnown = !isFresh && File.Exists(journal);
        var known = isKnown ? File.ReadLines(journal).Skip(1).Select(FewShotOutcome.Read).ToList() : [];
        try
        {
            using var scope = NewDisposeScope();
            var (seen, novel) = FewShotMethods.Images(data);
            Measure("CIFAR-10", novel, FewShotMethods.OnImages(seen, cancellation), known, journal, cancellation);
            var read = PacsFeatures.Reader(data);
            foreach (var domain in PacsFeatures.Domains)
            {
                Measure(domain, read(domain), FewShotMethods.OnFeatures, known, journal, cancellation);
            }
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

        File.WriteAllText(page, PageOf(known));
        Console.WriteLine($"Page: {page}");
        return 0;
    }

    private static void Measure(
        string data,
        LabeledDomain novel,
        IReadOnlyList<FewShotMethod> methods,
        List<FewShotOutcome> known,
        string journal,
        CancellationToken cancellation
    )
    {
        foreach (var method in methods)
        {
            var made = new Lazy<(IFeatureExtractor Extractor, IFewShotRule Rule)>(method.Make);
            foreach (var shots in Shots)
            {
                cancellation.ThrowIfCancellationRequested();
                if (known.Exists(it => (it.Data, it.Method, it.Shots) == (data, method.Name, shots)))
                {
                    continue;
                }

                // Every method reads the same episodes.
                var (extractor, rule) = made.Value;
                var accuracy = EpisodeAccuracy.Of(extractor, rule, novel, shots: shots, episodes: Episodes);
                known.Add(
                    new(data, method.Name, shots, accuracy.Value, accuracy.Lower, accuracy.Upper, accuracy.Episodes)
                );
                WholeFile.Write(journal, [FewShotOutcome.Head, .. known.Select(it => it.Line())]);
                Console.WriteLine($"{data}, {method.Name}, {shots}: {known[^1]}");
            }
        }
    }

    private static string PageOf(List<FewShotOutcome> outcomes)
    {
        var page = new StringBuilder();
        page.Append(
            CultureInfo.InvariantCulture,
            $"""
            # Few-shot learning, on small images and on features

            `dotnet run -c Release --project samples/Evaluate -- few-shot` makes this page and the CSV file beside it,
            one line a figure. Accuracy in per cent over {Episodes} episodes of five classes, with one or five labeled
            rows and 15 rows to read of each; behind it half the width of its 95% interval over episodes. All methods
            read the same episodes. What classes and, in the first table, what training of one seed was drawn, the
            interval does not know. Chance reads 20.

            ## Images of CIFAR-10
            The network learns from 3,000 images of airplanes, automobiles, birds, cats and deer; episodes are of 750
            images of dogs, frogs, horses, ships and trucks, which it has never seen. Three convolutions of stride 2
            with 32, 64 and 128 channels, {FewShotMethods.Steps:N0} steps, Adam at 0.001. "cross-entropy": it learns
            the five classes as usual, and the rule reads its features; the networks below learn by episodes of five
            classes, five labeled rows and 15 to read. Settings are the methods' own, but for a temperature of 0.1 in
            matching; nothing was chosen on these data.


            """
        );
        Table(page, outcomes, ["CIFAR-10"]);
        page.Append(
            """

            ## Features of PACS
            512 features of a ResNet-18 that was trained on ImageNet, of rows of length sqrt(512); nothing is trained
            but the heads. Seven classes: dogs, elephants, giraffes, guitars, horses, houses and persons, as
            photographs, paintings and cartoons; of the last two ImageNet has few.


            """
        );
        Table(page, outcomes, PacsFeatures.Domains);
        return page.ToString();
    }

    private static void Table(StringBuilder page, List<FewShotOutcome> outcomes, IReadOnlyList<string> data)
    {
        var columns = data.SelectMany(name => Shots.Select(shots => (Data: name, Shots: shots))).ToList();
        Line(page, ["accuracy, %", .. columns.Select(it => $"{it.Data}, {it.Shots} shot{(it.Shots > 1 ? "s" : "")}")]);
        Line(page, Enumerable.Repeat("---", columns.Count + 1));
        foreach (var method in outcomes.Where(it => data.Contains(it.Data)).Select(it => it.Method).Distinct())
        {
            var cells = columns.Select(column =>
                outcomes.Find(it => (it.Data, it.Method, it.Shots) == (column.Data, method, column.Shots))?.ToString()
                ?? ""
            );
            Line(page, [method, .. cells]);
        }
    }

    private static void Line(StringBuilder page, IEnumerable<string> cells) =>
        page.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
