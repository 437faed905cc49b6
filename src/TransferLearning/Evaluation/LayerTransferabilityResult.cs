using System.Globalization;
using System.Text;
using TransferLearning.Internal;

namespace TransferLearning.Evaluation;

/// <summary>What <see cref="LayerTransferability"/> found.</summary>
/// <param name="Seeds">The seeds.</param>
/// <param name="Own">The accuracy of the task's own network, for each seed.</param>
/// <param name="Points">A point for each treatment and number of layers.</param>
public sealed record LayerTransferabilityResult(
    IReadOnlyList<long> Seeds,
    IReadOnlyList<AccuracyInterval> Own,
    IReadOnlyList<LayerTransferPoint> Points
)
{
    /// <summary>The mean accuracy of the task's own network with its 95% interval.</summary>
    public AccuracyInterval OwnAccuracy => SeedInterval.Of(Own);

    /// <summary>The points of one treatment, by their numbers of layers.</summary>
    public IReadOnlyList<LayerTransferPoint> Curve(LayerTreatment treatment) =>
        [.. Points.Where(point => point.Treatment == treatment).OrderBy(point => point.Layers)];

    /// <summary>
    /// What is lost because the copied layers had adapted to those above them: the own network's mean accuracy less
    /// that with its own layers, frozen.
    /// </summary>
    /// <param name="layers">How many layers were copied.</param>
    /// <exception cref="ArgumentException">There are no points of that number.</exception>
    public double CoAdaptation(int layers) => OwnAccuracy.Value - At(LayerTreatment.SelfFrozen, layers).Accuracy.Value;

    /// <summary>
    /// What is lost because the copied layers are specific to the other task: the mean accuracy with the task's own
    /// layers, frozen, less that with the other's.
    /// </summary>
    /// <param name="layers">How many layers were copied.</param>
    /// <exception cref="ArgumentException">There are no points of that number.</exception>
    public double Specificity(int layers) =>
        At(LayerTreatment.SelfFrozen, layers).Accuracy.Value - At(LayerTreatment.OtherFrozen, layers).Accuracy.Value;

    /// <summary>
    /// Every fit as a line: treatment, layers, seed, accuracy, rows; "own" is the task's own network.
    /// </summary>
    public string ToCsv()
    {
        var text = new StringBuilder("treatment,layers,seed,accuracy,rows\n");
        void Append(string treatment, int layers, IReadOnlyList<AccuracyInterval> fits)
        {
            foreach (var (seed, fit) in Seeds.Zip(fits))
            {
                text.Append(CultureInfo.InvariantCulture, $"{treatment},{layers},{seed},{fit.Value:R},{fit.Count}\n");
            }
        }
        Append("own", 0, Own);
        foreach (var point in Points)
        {
            Append(point.Treatment.ToString(), point.Layers, point.Fits);
        }
        return text.ToString();
    }

    /// <summary>The curves as HTML: a picture of them with their intervals, and every mean.</summary>
    /// <param name="isPage">
    /// Whether it is a page by itself, the default, or a section for the body of another. Style and pictures lie inside
    /// it either way.
    /// </param>
    public string ToHtml(bool isPage = true)
    {
        var layers = Points.Select(point => point.Layers).Distinct().Order().ToList();
        return new ReportSection("How transferable the layers are")
            .Paragraph(
                $"Accuracy on {Own[0].Count} held-out rows over {Seeds.Count} seed(s); bars are 95 % intervals. The "
                    + $"dashed line is the task's own network, {Text(OwnAccuracy)}."
            )
            .Lines(
                "Accuracy by the number of copied layers",
                "copied layers",
                [
                    .. Enum.GetValues<LayerTreatment>()
                        .Select(treatment =>
                            (
                                Name(treatment),
                                (IReadOnlyList<(double, double, double, double)>)
                                    [
                                        .. Curve(treatment)
                                            .Select(it =>
                                                (
                                                    (double)it.Layers,
                                                    it.Accuracy.Value,
                                                    it.Accuracy.Lower,
                                                    it.Accuracy.Upper
                                                )
                                            ),
                                    ]
                            )
                        ),
                ],
                OwnAccuracy.Value
            )
            .Table(
                [
                    "copied layers",
                    .. Enum.GetValues<LayerTreatment>().Select(Name),
                    "lost by co-adaptation",
                    "lost by specificity",
                ],
                layers.Select(n =>
                    (IEnumerable<string>)
                        [
                            n.ToString(CultureInfo.InvariantCulture),
                            .. Enum.GetValues<LayerTreatment>().Select(treatment => Text(At(treatment, n).Accuracy)),
                            ReportSection.Text(CoAdaptation(n)),
                            ReportSection.Text(Specificity(n)),
                        ]
                )
            )
            .Html(isPage);
    }

    /// <summary>One line for the own network, then one for each number of layers.</summary>
    public override string ToString() =>
        string.Join(
            Environment.NewLine,
            [
                $"own: {OwnAccuracy}",
                .. Points
                    .Select(point => point.Layers)
                    .Distinct()
                    .Order()
                    .Select(n =>
                        $"{n}: "
                        + string.Join(
                            ", ",
                            Enum.GetValues<LayerTreatment>()
                                .Select(treatment => $"{Name(treatment)} {Text(At(treatment, n).Accuracy)}")
                        )
                    ),
            ]
        );

    private static string Name(LayerTreatment treatment) =>
        treatment switch
        {
            LayerTreatment.SelfFrozen => "BnB",
            LayerTreatment.SelfTuned => "BnB+",
            LayerTreatment.OtherFrozen => "AnB",
            _ => "AnB+",
        };

    private static string Text(AccuracyInterval it) =>
        string.Create(CultureInfo.InvariantCulture, $"{100 * it.Value:F1} [{100 * it.Lower:F1}, {100 * it.Upper:F1}]");

    private LayerTransferPoint At(LayerTreatment treatment, int layers) =>
        Points.Any(point => point.Treatment == treatment && point.Layers == layers)
            ? Points.First(point => point.Treatment == treatment && point.Layers == layers)
            : throw new ArgumentException($"no network was given {layers} layers.", nameof(layers));
}
