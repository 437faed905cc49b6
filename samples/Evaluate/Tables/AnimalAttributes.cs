using System.Globalization;
using Evaluate.Measuring;
using TorchSharp;
using TransferLearning;
using TransferLearning.ZeroShot;
using static TorchSharp.torch;

namespace Evaluate.Tables;

/// <summary>
/// The attributes of fifty animals (Animals with Attributes 2, Xian et al. 2019) with rows that are made from them.
/// </summary>
internal static class AnimalAttributes
{
    private const int Features = 128;
    private const int RowsPerClass = 50;

    // The classes of the proposed split's test.
    private static readonly string[] Unknown =
    [
        "bat",
        "blue+whale",
        "bobcat",
        "dolphin",
        "giraffe",
        "horse",
        "rat",
        "seal",
        "sheep",
        "walrus",
    ];

    private static readonly double[] Levels = [2, 4, 8];

    private const string Protocol =
        "The 85 attributes of 50 animals are the data set's own (per cent of people who call an animal so, missing ones "
        + "0, divided by 100); its images are not at hand, so the rows are made: the class's attributes less their mean "
        + "over classes through a linear map to 128 features, drawn from a normal distribution by the seed, and normal "
        + "noise in every feature. \"noise 4\" is noise of four times the standard deviation that the classes' mapped "
        + "attributes have. 50 rows of each of 40 seen classes are labeled; the other ten are those of the proposed "
        + "split (bat, blue whale, bobcat, dolphin, giraffe, horse, rat, seal, sheep, walrus). Learners as they come; "
        + "DAP and IAP get attributes above the mean as present. Three seeds. ";

    /// <summary>Rows of the unseen classes, which are known to be of these.</summary>
    public static EvaluationTable Unseen(string data) =>
        new(
            "animals-unseen",
            "Fifty animals by their attributes: rows of ten unseen classes",
            Protocol
                + "Judged on 50 other rows of each unseen class, told apart among the ten. Published: on ResNet-101 "
                + "features of the real images, Xian 2019, table of the proposed split: at best their order can be "
                + "compared.",
            Measure.Accuracy,
            [.. Levels.Select(level => Task(data, level, isEither: false))],
            [
                .. Learners(double.PositiveInfinity)
                    .Select(it => Method(it.Name, it.Learner) with { Published = it.Unseen }),
            ]
        )
        {
            Seeds = 3,
        };

    /// <summary>Rows of all classes.</summary>
    public static EvaluationTable Either(string data) =>
        new(
            "animals-either",
            "Fifty animals by their attributes: rows of seen and of unseen classes",
            Protocol
                + "Judged on 50 other rows of each of the 50 classes, told apart among all: the harmonic mean of the "
                + "accuracy of seen and of unseen classes. \"calibrated\": a penalty on seen classes, chosen from classes "
                + "that are held out of the seen ones (CalibratedStacking). Published as above, without calibration.",
            Measure.GeneralizedScore,
            [.. Levels.Select(level => Task(data, level, isEither: true))],
            [
                .. Learners(0).Select(it => Method(it.Name, it.Learner) with { Published = it.Either }),
                .. Learners(0)
                    .Select(it => Method(it.Name + ", calibrated", all => new CalibratedStacking(it.Learner(all)))),
            ]
        )
        {
            Seeds = 3,
        };

    private static IEnumerable<(
        string Name,
        Func<ClassDescriptions, IZeroShotLearner> Learner,
        double Unseen,
        double Either
    )> Learners(double penalty)
    {
        Func<ClassDescriptions, IZeroShotLearner> Of(Func<ClassDescriptions, IZeroShotLearner> make) =>
            all => make(all).WithSeenPenalty(penalty);
        return
        [
            ("DAP", Of(all => Recipes.Dap(all.Binary())), 46.1, 0),
            ("IAP", Of(all => Recipes.Iap(all.Binary())), 35.9, 1.8),
            ("ConSE", Of(all => Recipes.Conse(all)), 44.5, 1.0),
            ("DeViSE", Of(all => Recipes.Devise(all)), 59.7, 27.8),
            ("ALE", Of(all => Recipes.Ale(all)), 62.5, 23.9),
            ("ESZSL", Of(all => Recipes.Eszsl(all)), 58.6, 11.0),
            ("SAE", Of(all => Recipes.Sae(all)), 54.1, 2.2),
        ];
    }

    private static EvaluationMethod Method(string name, Func<ClassDescriptions, ILabelLearner> learner) =>
        new(
            name,
            (data, _, _) =>
            {
                // The descriptions lie with the task's rows: those of a class are the labels' business.
                var described = (DescribedTask)data;
                var predictor = learner(described.Descriptions).Fit(data.Source);
                return new AdaptedModel(ExtractorChain.Of(), predictor, (IDisposable)predictor);
            }
        );

    private static EvaluationTask Task(string data, double level, bool isEither) =>
        new(
            string.Create(CultureInfo.InvariantCulture, $"noise {level}"),
            seed => Made(Read(data), level, seed, isEither)
        );

    private static TaskData Made((string[] Names, Tensor Attributes) animals, double level, int seed, bool isEither)
    {
        var classes = animals.Names.Length;
        var (map, noise) = (new RandomKey(seed).Child(0), new RandomKey(seed).Child(1));
        using var drawing = map.Generator();
        using var noising = noise.Generator();
        var centered = animals.Attributes - animals.Attributes.mean([0L]);
        var mapped = centered.matmul(randn([centered.shape[1], Features], generator: drawing));
        mapped = mapped / mapped.std();
        LabeledDomain Rows(IEnumerable<int> of)
        {
            var labels = tensor(of.Select(c => (long)c).ToArray()).repeat_interleave(RowsPerClass);
            var rows = mapped.index_select(0, labels);
            return new LabeledDomain(
                rows + (randn(rows.shape, generator: noising) * level),
                labels,
                space: LabelSpace.Classes(classes)
            );
        }
        var all = Enumerable.Range(0, classes).ToList();
        bool IsUnknown(int c) => Unknown.Contains(animals.Names[c]);
        var source = Rows(all.Where(c => !IsUnknown(c)));
        return new DescribedTask(
            source,
            Rows(isEither ? all : all.Where(IsUnknown)),
            new ClassDescriptions(animals.Attributes)
        );
    }

    private static (string[] Names, Tensor Attributes) Read(string data)
    {
        var folder = Path.Combine(data, "zero_shot");
        var names = File.ReadAllLines(Path.Combine(folder, "AWA2_classes.txt"));
        var rows = File.ReadAllLines(Path.Combine(folder, "AWA2_class_attributes.csv"))
            .Select(line => line.Split(',').Select(cell => float.Parse(cell, CultureInfo.InvariantCulture)).ToArray())
            .ToArray();
        if (names.Length != rows.Length || Array.Exists(rows, row => row.Length != rows[0].Length))
        {
            throw new InvalidDataException($"'{folder}' must hold a line of attributes for each class.");
        }

        var missing = Unknown.Except(names, StringComparer.Ordinal).ToList();
        if (missing.Count > 0)
        {
            throw new InvalidDataException($"'{folder}' lacks the classes {string.Join(", ", missing)}.");
        }

        return (names, tensor(rows.SelectMany(row => row).ToArray()).reshape(rows.Length, -1).clamp_min(0) / 100);
    }

    /// <summary>Rows with the descriptions of their classes.</summary>
    private sealed record DescribedTask(LabeledDomain Source, LabeledDomain Target, ClassDescriptions Descriptions)
        : TaskData(Source, Target);
}
