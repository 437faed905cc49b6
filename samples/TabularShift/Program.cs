// Shallow adaptation on a feature matrix: readings of machines and whether they failed. Plant A is labeled. Plant B
// runs its machines otherwise, plant C reads them by other sensors; their labels only judge here.
using System.Globalization;
using TransferLearning;
using TransferLearning.Evaluation;
using TransferLearning.Instance;
using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Tabular;

var learner = new LogisticRegression();
var methods = new (string Title, Func<AdaptationBuilder> Chain)[]
{
    ("source only", () => new AdaptationBuilder().Learn(learner)),
    ("KMM weights", () => new AdaptationBuilder().Weight(new KernelMeanMatching { Bound = 20 }).Learn(learner)),
    ("CORAL", () => new AdaptationBuilder().Map(new CorrelationAlignment { Ridge = 0.01 }).Learn(learner)),
    (
        "TCA",
        () =>
            new AdaptationBuilder()
                .Map(new TransferComponentAnalysis { Components = 20 })
                .Learn(learner with { InversePenalty = 1000 })
    ),
};
var tables = new[] { "plant-a", "plant-b", "plant-c" }.Select(name => Table.ReadCsv(DataFile(name))).ToList();
var encoder = new TableEncoding { Label = "failed", LabelIsClass = true }.Fit(tables);
var plantA = encoder.Labeled(tables[0]);
var targets = new[]
{
    ("other machines (B)", encoder.Labeled(tables[1])),
    ("other sensors (C)", encoder.Labeled(tables[2])),
};

Console.WriteLine($"{"", -14}{string.Join("", targets.Select(target => $"{target.Item1, 22}"))}");
foreach (var (title, chain) in methods)
{
    Console.Write($"{title, -14}");
    foreach (var (_, plant) in targets)
    {
        using var model = chain().Fit(plantA, plant.WithoutLabels());
        using var predicted = model.PredictClasses(plant.Inputs);
        var accuracy = AccuracyInterval.Of(predicted, plant.Labels);
        Console.Write(string.Create(CultureInfo.InvariantCulture, $"{accuracy.Value, 22:P1}"));
    }

    Console.WriteLine();
}

static string DataFile(string name) => Path.Combine(AppContext.BaseDirectory, "data", name + ".csv");
