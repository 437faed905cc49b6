using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using TransferLearning;
using TransferLearning.Vision;

namespace MlNet;

/// <summary>Both sides on every pair of domains; prints Markdown.</summary>
internal static class Comparison
{
    /// <summary>Measures and prints.</summary>
    /// <param name="folders">The domains.</param>
    /// <param name="rounds">How often each side reads and featurizes the images of a domain.</param>
    public static void Run(IEnumerable<string> folders, int rounds)
    {
        var context = new MLContext(seed: 1);
        using var network = Backbones.PretrainedResNet18();
        var domains = new List<Domain>();
        Console.WriteLine("| domain | images | ML.NET, images/s | ours, images/s | ratio (least .. greatest) |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (var folder in folders)
        {
            var images = ImageFolder.Open(
                folder,
                domains.Count == 0 ? null : new ImageFolderOptions { Classes = domains[0].Images.Classes }
            );
            domains.Add(Measured(context, network, images, rounds));
        }

        Console.WriteLine();
        Console.WriteLine(
            "| accuracy, % | ML.NET, L-BFGS | ML.NET, SDCA | ours, logistic | on unit rows | DSAN and MCC |"
        );
        Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
        foreach (var source in domains)
        {
            foreach (var target in domains.Where(domain => domain != source))
            {
                var (lbfgs, sdca) = (
                    FrameworkSide.Accuracy(
                        context,
                        source.Rows,
                        target.Rows,
                        ml => ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy()
                    ),
                    FrameworkSide.Accuracy(
                        context,
                        source.Rows,
                        target.Rows,
                        ml => ml.MulticlassClassification.Trainers.SdcaMaximumEntropy()
                    )
                );
                Print(
                    $"{source.Name} to {target.Name}",
                    Percent(lbfgs),
                    Percent(sdca),
                    Percent(LibrarySide.Linear(source.Features, target.Features, isUnit: false)),
                    Percent(LibrarySide.Linear(source.Features, target.Features, isUnit: true)),
                    Percent(LibrarySide.Adapted(source.Features, target.Features))
                );
            }
        }
    }

    // The sides take turns, and every second round the other one begins.
    private static Domain Measured(MLContext context, Backbone network, ImageFolder images, int rounds)
    {
        var paths = images
            .Files.Select(file => new FrameworkSide.ImagePath
            {
                Path = file,
                Class = Path.GetFileName(Path.GetDirectoryName(file)!),
            })
            .ToList();
        IReadOnlyList<FrameworkSide.Row> rows = [];
        LabeledDomain? features = null;
        var (theirs, ours) = (new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            void Theirs() => theirs.Add(Seconds(() => rows = FrameworkSide.Features(context, paths)));
            void Ours()
            {
                var store = Directory.CreateTempSubdirectory();
                ours.Add(Seconds(() => features = LibrarySide.Features(network, images, store.FullName)));
                store.Delete(recursive: true);
            }

            Action[] sides = round % 2 == 0 ? [Theirs, Ours] : [Ours, Theirs];
            Array.ForEach(sides, side => side());
        }

        var name = Path.GetFileName(images.Path);
        var ratios = ours.Zip(theirs, (own, other) => own / other).Order().ToList();
        Print(
            name,
            Count(paths.Count),
            Count(paths.Count / Median(theirs)),
            Count(paths.Count / Median(ours)),
            string.Create(CultureInfo.InvariantCulture, $"{Median(ratios):F2} ({ratios[0]:F2} .. {ratios[^1]:F2})")
        );
        return new Domain(name, images, rows, features!);
    }

    private static double Seconds(Action work)
    {
        var watch = Stopwatch.StartNew();
        work();
        return watch.Elapsed.TotalSeconds;
    }

    private static double Median(IEnumerable<double> values) => MathNet.Numerics.Statistics.Statistics.Median(values);

    private static string Percent(double share) => (100 * share).ToString("F1", CultureInfo.InvariantCulture);

    private static string Count(double value) => value.ToString("F0", CultureInfo.InvariantCulture);

    private static void Print(params string[] cells) => Console.WriteLine($"| {string.Join(" | ", cells)} |");

    private sealed record Domain(
        string Name,
        ImageFolder Images,
        IReadOnlyList<FrameworkSide.Row> Rows,
        LabeledDomain Features
    );
}
