using System.Globalization;
using TorchSharp;
using TransferLearning;
using TransferLearning.Adversarial;
using TransferLearning.Evaluation;
using TransferLearning.Instance;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Theory;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Documentation;

/// <summary>The program of the page "start here", verbatim, on the tables that the page names.</summary>
[Trait("Category", "Documentation")]
public sealed class StartHereExample
{
    [Fact]
    public void StartHere_Program_Runs()
    {
        using var work = new Support.TemporaryFolder();
        using var scope = NewDisposeScope();
        var data = Guards.Repository.Path("samples", "TabularShift", "data");
        File.Copy(Path.Combine(data, "plant-a.csv"), work.File("source.csv"));
        File.Copy(Path.Combine(data, "plant-c.csv"), work.File("target.csv"));
        File.Copy(Path.Combine(data, "plant-c.csv"), work.File("check.csv"));
        string[] args = [Path.GetDirectoryName(work.File("source.csv"))!];

        var folder = args.Length > 0 ? args[0] : "."; // where the files lie
        var source = Read(Path.Combine(folder, "source.csv"));
        var target = Read(Path.Combine(folder, "target.csv")).WithoutLabels();
        var check = Read(Path.Combine(folder, "check.csv"));

        var distance = new ProxyADistance().Between(source.Inputs, target.Inputs);
        Console.WriteLine($"A-distance {distance:F2}: 0 means the same, 2 means told apart without fail");
        Assert.InRange(distance, 0, 0.5);

        var learner = new LogisticRegression();
        var chains = new Dictionary<string, AdaptationBuilder>
        {
            ["source only"] = new AdaptationBuilder().Learn(learner),
            ["kernel mean matching"] = new AdaptationBuilder().Weight(new KernelMeanMatching()).Learn(learner),
            ["location and scale"] = new AdaptationBuilder().Map(new LocationScale()).Learn(learner),
            ["CORAL"] = new AdaptationBuilder().Map(new CorrelationAlignment()).Learn(learner),
        };
        foreach (var (name, chain) in chains)
        {
            using var fitted = chain.Fit(source, target);
            using var scores = fitted.Predict(check.Inputs);
            Console.WriteLine($"{name, -22} {AccuracyInterval.Of(scores, check.Labels)}");
        }

        long columns = source.Inputs.shape[1];
        var classes = source.Space.Width;
        _ = manual_seed(1);
        using var extractor = nn.Sequential(nn.Linear(columns, 32), nn.ReLU());
        using var predictor = nn.Linear(32, classes);
        using var critic = nn.Linear(32, 1);
        using var network = new AdaptationBuilder()
            .Map(new LocationScale())
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Oppose(critic))
            .Fit(
                source,
                target,
                new FitOptions
                {
                    Seed = 1,
                    Training = new TrainingOptions { Epochs = 30 },
                }
            );
        using var read = network.Predict(check.Inputs);
        Console.WriteLine($"{"DANN", -22} {AccuracyInterval.Of(read, check.Labels)}");
        Console.WriteLine(ConfusionMatrix.Of(read, check.Labels, (int)classes));
        Assert.InRange(AccuracyInterval.Of(read, check.Labels).Value, 0.6, 0.8);

        var file = Path.Combine(folder, "adapted.model");
        network.Save(file);
        using var freshExtractor = nn.Sequential(nn.Linear(columns, 32), nn.ReLU());
        using var freshPredictor = nn.Linear(32, classes);
        using var loaded = AdaptedModel.Load(file, freshExtractor, freshPredictor);
        using var answers = loaded.PredictClasses(check.Inputs);
        Console.WriteLine($"the first rows are of the classes {string.Join(", ", answers.data<long>().Take(5))}");
        Assert.Equal(read.argmax(1).data<long>(), answers.data<long>());
    }

    private static LabeledDomain Read(string path)
    {
        var lines = File.ReadLines(path).Skip(1).Select(line => line.Split(','));
        var table = lines
            .Select(cells => Array.ConvertAll(cells, cell => float.Parse(cell, CultureInfo.InvariantCulture)))
            .ToArray();
        var features = new float[table.Length, table[0].Length - 1];
        for (var i = 0; i < table.Length; i++)
        {
            for (var j = 0; j < table[i].Length - 1; j++)
            {
                features[i, j] = table[i][j];
            }
        }
        return LabeledDomain.From(features, Array.ConvertAll(table, row => (int)row[^1]));
    }
}
