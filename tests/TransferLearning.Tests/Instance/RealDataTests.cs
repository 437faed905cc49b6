using System.Globalization;
using TransferLearning.Instance;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Instance;

/// <summary>Boosting on the data of the papers: mushrooms as in Dai 2007, the airfoils' noise as in Pardoe and Stone 2010.</summary>
public sealed class RealDataTests(ITestOutputHelper output) : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [SkippableFact]
    public void TransferBoosting_OnMushrooms_ErrsLessThanBothPlainLearners()
    {
        var (inputs, labels, isTapering) = Mushrooms(SharedData.File("tabular", "agaricus-lepiota.data"));
        var source = Rows(inputs, labels, isTapering.nonzero().squeeze(1));
        var target = Rows(inputs, labels, isTapering.logical_not().nonzero().squeeze(1));
        var learner = new DecisionTree { MostDepth = 2 };
        var errors = new double[3];
        for (var seed = 0; seed < 5; seed++)
        {
            using var seedScope = NewDisposeScope();
            var (few, rest) = Split(target, (long)(0.01 * target.Count), seed);
            // Both parts weigh alike at first, as in the published figures: uniform weights would leave the target 1% of them.
            var (ofSource, ofTarget) = new BalancedWeighting().Weights(source.Count, few.Count);
            var (weighted, weightedFew) = (
                source.WithWeights(full(source.Count, ofSource)),
                few.WithWeights(full(few.Count, ofTarget))
            );
            using var boosted = new TransferBoosting(learner) { Rounds = 30 }.Fit(weighted, weightedFew);
            errors[0] += Error(learner.Fit(few), rest) / 5;
            errors[1] += Error(learner.Fit(Both(weighted, weightedFew)), rest) / 5;
            errors[2] += Error(boosted, rest) / 5;
        }

        output.WriteLine($"error: target only {errors[0]:F4}, both {errors[1]:F4}, TrAdaBoost {errors[2]:F4}");
        Assert.True(errors[2] < errors[0] && errors[2] < errors[1], string.Join(" ", errors));
    }

    [SkippableFact]
    public void TwoStage_OnAirfoils_ErrsLessThanBothPlainLearners()
    {
        var (inputs, values) = Airfoils(SharedData.File("tabular", "airfoil_self_noise.dat"));
        // As in the paper: parts by a feature that goes with the values; here the frequency, whose upper third is the target.
        var order = inputs.select(1, 0).argsort();
        var (source, target) = (
            Rows(inputs, values, order.narrow(0, 0, 1000)),
            Rows(inputs, values, order.narrow(0, 1000, order.shape[0] - 1000))
        );
        var learner = new DecisionTree { MostDepth = 6, LeastRows = 2 };
        var errors = new double[4];
        for (var seed = 0; seed < 5; seed++)
        {
            using var seedScope = NewDisposeScope();
            var (few, rest) = Split(target, 25, seed);
            using var oneStage = new TransferBoostingRegression(learner) { Rounds = 20 }.Fit(source, few);
            using var twoStage = new TwoStageTransferBoosting(learner).Fit(source, few, FitContext.Seeded(seed));
            errors[0] += RootMeanSquare(learner.Fit(few), rest) / 5;
            errors[1] += RootMeanSquare(learner.Fit(Both(source, few)), rest) / 5;
            errors[2] += RootMeanSquare(oneStage, rest) / 5;
            errors[3] += RootMeanSquare(twoStage, rest) / 5;
        }

        output.WriteLine(
            $"error in dB: target only {errors[0]:F3}, both {errors[1]:F3}, TrAdaBoost.R2 {errors[2]:F3}, two-stage {errors[3]:F3}"
        );
        Assert.True(errors[3] < errors[0] && errors[3] < errors[1], string.Join(" ", errors));
    }

    public void Dispose() => scope.Dispose();

    // Every letter of every column but the class and the stalk's shape is a feature of its own.
    private static (Tensor Inputs, Tensor Labels, Tensor IsTapering) Mushrooms(string path)
    {
        var lines = File.ReadAllLines(path);
        var shape = Array.IndexOf(lines[0].Split(", "), "stalk-shape");
        var rows = lines.Skip(1).Where(line => line.Length > 0).Select(line => line.Split(',')).ToList();
        var features = Enumerable
            .Range(1, rows[0].Length - 1)
            .Where(column => column != shape)
            .SelectMany(column => rows.Select(row => row[column]).Distinct().Select(letter => (column, letter)))
            .ToList();
        var numbers = rows.SelectMany(row =>
            features.Select(feature => row[feature.column] == feature.letter ? 1f : 0)
        );
        return (
            tensor(numbers.ToArray()).reshape(rows.Count, features.Count),
            tensor(rows.Select(row => row[0] == "p" ? 1L : 0).ToArray()),
            tensor(rows.Select(row => row[shape] == "t" ? 1L : 0).ToArray()).eq(1)
        );
    }

    private static (Tensor Inputs, Tensor Values) Airfoils(string path)
    {
        var numbers = File.ReadLines(path)
            .Skip(1)
            .Where(line => line.Length > 0)
            .SelectMany(line =>
                line.Split('\t', StringSplitOptions.RemoveEmptyEntries)
                    .Select(word => double.Parse(word, CultureInfo.InvariantCulture))
            );
        var table = tensor(numbers.ToArray()).reshape(-1, 6);
        return (table.narrow(1, 0, 5), table.select(1, 5));
    }

    private static LabelledDomain Rows(Tensor inputs, Tensor labels, Tensor rows) =>
        new(
            inputs.index_select(0, rows),
            labels.index_select(0, rows),
            space: labels.is_floating_point() ? LabelSpace.Values(1) : LabelSpace.Classes(2)
        );

    private static (LabelledDomain Few, LabelledDomain Others) Split(LabelledDomain domain, long few, long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        var order = randperm(domain.Count, generator: generator);
        return (
            Rows(domain.Inputs, domain.Labels, order.narrow(0, 0, few)),
            Rows(domain.Inputs, domain.Labels, order.narrow(0, few, domain.Count - few))
        );
    }

    private static LabelledDomain Both(LabelledDomain source, LabelledDomain few) =>
        new(
            cat([source.Inputs, few.Inputs]),
            cat([source.Labels, few.Labels]),
            source.Weights is null ? null : cat([source.Weights, few.Weights!]),
            source.Space
        );

    private static double Error(ILabelPredictor predictor, LabelledDomain rows) =>
        predictor.Predict(rows.Inputs).argmax(1).ne(rows.Labels).to(float64).mean().item<double>();

    private static double RootMeanSquare(ILabelPredictor predictor, LabelledDomain rows) =>
        (predictor.Predict(rows.Inputs).squeeze(1) - rows.Labels).square().mean().sqrt().item<double>();
}
