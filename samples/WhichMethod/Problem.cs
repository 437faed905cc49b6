using TorchSharp;
using TransferLearning;
using TransferLearning.Mapping;
using TransferLearning.Tabular;
using TransferLearning.Vision;
using static TorchSharp.torch;

namespace WhichMethod;

/// <summary>Two domains of feature rows.</summary>
/// <param name="Title">What they are, in words.</param>
/// <param name="Source">Labeled source rows that candidates learn from.</param>
/// <param name="HeldOut">A tenth of the source's rows, which no candidate sees: validators need them.</param>
/// <param name="Calibration">Another tenth, which has no part in the choice: sets of classes rest on them.</param>
/// <param name="Target">Target rows.</param>
/// <param name="FeatureNames">The features' names, or null.</param>
/// <param name="TargetLabels">Reads the target's labels; called by <c>--judge</c> alone.</param>
/// <param name="Encoder">What makes rows of a table, to be saved beside the model; null for images.</param>
internal sealed record Problem(
    string Title,
    LabeledDomain Source,
    LabeledDomain HeldOut,
    LabeledDomain Calibration,
    UnlabeledDomain Target,
    IReadOnlyList<string>? FeatureNames,
    Func<Tensor> TargetLabels,
    TableEncoder? Encoder
)
{
    /// <summary>How many features a row has.</summary>
    public int Features => (int)Source.Inputs.shape[1];

    /// <summary>How many classes there are.</summary>
    public int Classes => (int)Source.Space.Width;

    /// <summary>Reads two CSV files, or two folders of images.</summary>
    public static Problem Read(WhichMethodOptions options, Action<string> say, CancellationToken cancellation) =>
        options.Label is { } label
            ? OfTables(options.Source, options.Target, label)
            : OfImages(options, say, cancellation);

    /// <summary>Both domains, each feature by the source's mean and deviation: the diagnosis sees one unit.</summary>
    public (LabeledDomain Source, UnlabeledDomain Target) Standardized()
    {
        using var map = Standardize.Fit(Source.Inputs);
        return (Source.WithInputs(map.Extract(Source.Inputs)), new UnlabeledDomain(map.Extract(Target.Inputs)));
    }

    private static Problem OfTables(string sourceFile, string targetFile, string label)
    {
        var (source, whole) = (Table.ReadCsv(sourceFile), Table.ReadCsv(targetFile));
        // The label column goes before anything looks at it.
        var target = new Table([.. whole.Columns.Where(column => column.Name != label)]);
        var encoder = new TableEncoding
        {
            Label = label,
            LabelIsClass = true,
            Missing = MissingValues.Median,
        }.Fit(source, target);
        var labeled = encoder.Labeled(source);
        var (seen, held, calibration) = Split(labeled);
        return new Problem(
            $"{labeled.Count} labeled rows of {sourceFile}, {target.Count} rows of {targetFile}, {encoder.Labels}",
            seen,
            held,
            calibration,
            encoder.Unlabeled(target),
            encoder.Features,
            () => encoder.Labeled(whole).Labels,
            encoder
        );
    }

    private static Problem OfImages(WhichMethodOptions options, Action<string> say, CancellationToken cancellation)
    {
        using var network = Backbones.PretrainedResNet18();
        var store = new FeatureStore(Path.Combine(options.Output, "features"));
        var source = ImageFolder.Open(options.Source);
        // A list that names every image class 0: whatever the folders of the target are called, nothing follows it.
        var files = ImagesBelow(options.Target);
        var list = Path.Combine(options.Output, "target-images.txt");
        File.WriteAllLines(list, files.Select(file => file + " 0"));
        var target = ImageFolder.OpenList(list);
        say($"features of {source.Count} and {target.Count} images; what is done is kept in {options.Output}");
        var labeled = store.Labeled(network, source, cancellationToken: cancellation);
        var (seen, held, calibration) = Split(labeled);
        return new Problem(
            $"{source.Count} images of {options.Source}, {target.Count} images of {options.Target}, "
                + $"{source.Classes.Count} classes, ResNet-18",
            seen,
            held,
            calibration,
            store.Unlabeled(network, target, cancellationToken: cancellation),
            null,
            () => tensor(files.Select(file => ClassOf(file, options.Target, source.Classes)).ToArray()),
            null
        );
    }

    private static string[] ImagesBelow(string folder)
    {
        string[] endings = [".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp"];
        return
        [
            .. Directory
                .EnumerateFiles(Path.GetFullPath(folder), "*", SearchOption.AllDirectories)
                .Where(file => endings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
                .Order(StringComparer.Ordinal),
        ];
    }

    private static long ClassOf(string file, string folder, IReadOnlyList<string> classes)
    {
        var first = Path.GetRelativePath(folder, file).Split(Path.DirectorySeparatorChar)[0];
        return Enumerable.Range(0, classes.Count).FirstOrDefault(number => classes[number] == first, -1);
    }

    private static (LabeledDomain Seen, LabeledDomain Held, LabeledDomain Calibration) Split(LabeledDomain rows)
    {
        using var generator = new RandomKey(0).Generator();
        var order = randperm(rows.Count, generator: generator);
        var tenth = rows.Count / 10;
        return (
            Some(rows, order.narrow(0, 2 * tenth, rows.Count - (2 * tenth))),
            Some(rows, order.narrow(0, 0, tenth)),
            Some(rows, order.narrow(0, tenth, tenth))
        );
    }

    private static LabeledDomain Some(LabeledDomain rows, Tensor which) =>
        new(rows.Inputs.index_select(0, which), rows.Labels.index_select(0, which), space: rows.Space);
}
