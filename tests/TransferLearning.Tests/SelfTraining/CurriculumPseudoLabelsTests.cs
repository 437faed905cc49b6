using TransferLearning.SelfTraining;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.SelfTraining;

/// <summary>Labels for a growing share of the target's rows.</summary>
public sealed class CurriculumPseudoLabelsTests : IDisposable
{
    // Four rows are read as class 0, two as class 1, which is read less surely.
    private static readonly double[,] Read =
    {
        { 0.99, 0.01 },
        { 0.95, 0.05 },
        { 0.9, 0.1 },
        { 0.52, 0.48 },
        { 0.3, 0.7 },
        { 0.45, 0.55 },
    };

    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Labels_ByOneThreshold_AreThoseOfTheSurestRows()
    {
        Assert.Equal([0L, 0, 0, -1, -1, -1], Labels(0.5, false));
        Assert.Equal([0L, 0, 0, -1, 1, -1], Labels(4.0 / 6, false));
        Assert.Equal([0L, 0, 0, 0, 1, 1], Labels(1, false));
        Assert.Equal([-1L, -1, -1, -1, -1, -1], Labels(0, false));
        // A share of nothing is nothing, however sure the rows are.
        using var none = CurriculumPseudoLabels.Labels(eye(3), 0);
        Assert.Equal([-1L, -1, -1], none.data<long>().ToArray());
    }

    [Fact]
    public void Labels_OfEachClass_AreTheShareOfItsRowsByTheirOwnThreshold()
    {
        // Thresholds 0.95 and 0.7. Row 3 is 0.48 / 0.7 of class 1: not enough of either.
        Assert.Equal([0L, 0, -1, -1, 1, -1], Labels(0.5, true));
        // Thresholds 0.52 and 0.55.
        Assert.Equal([0L, 0, 0, 0, 1, 1], Labels(1, true));
        // One of four, and none of two: its threshold is 1.
        Assert.Equal([0L, -1, -1, -1, -1, -1], Labels(0.25, true));
    }

    [Fact]
    public void Labels_OfARowNearerToARareClass_AreTheRareClass()
    {
        var p = tensor(
            new[,]
            {
                { 0.9, 0.1, 0.0 },
                { 0.45, 0.55, 0 },
                { 0.51, 0.49, 0 },
                { 0.95, 0.05, 0 },
            }
        );

        // Thresholds floor(0.5 3) = 1 of class 0: 0.95; class 1: floor(0.5) = 0, so 1.
        Assert.Equal([-1L, -1, -1, 0], CurriculumPseudoLabels.Labels(p, 0.5).data<long>());
        // All: 0.51 and 0.55; row 2 is 1 times class 0, 0.89 times class 1.
        Assert.Equal([0L, 1, 0, 0], CurriculumPseudoLabels.Labels(p, 1).data<long>());
        // Read as class 0 and yet 0.49 / 0.45 of class 1.
        var near = tensor(
            new[,]
            {
                { 0.9, 0.1, 0.0 },
                { 0.51, 0.49, 0 },
                { 0.1, 0.45, 0.45 },
            }
        );
        using var labels = CurriculumPseudoLabels.Labels(near, 1);
        Assert.Equal(1, labels[1].item<long>());
    }

    [Fact]
    public void Fit_OverEpochs_LabelsTheShareOfEachClass()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var target = Toy.LabeledTarget();
        var term = new CurriculumPseudoLabels { Share = Schedule.Linear(0.2, 1) };
        var seen = new Seen(term);

        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new TransferLearning.Objectives.CrossEntropy()).Minimize(term)
            )
            .Fit(
                Toy.Source(),
                target.WithoutLabels(),
                new FitOptions
                {
                    Observers = [seen],
                    Training = new TransferLearning.Training.TrainingOptions { Epochs = 5, BatchSize = 32 },
                }
            );

        // Before epoch e the share is 0.2 + 0.8 e / 5 of 80 rows; rounding down in each class may take one from each.
        Assert.Equal(5, seen.Labeled.Count);
        Assert.All(
            seen.Labeled.Index(),
            epoch => Assert.InRange(epoch.Item, (int)(80 * (0.2 + (0.16 * epoch.Index))) - 2, 80)
        );
        Assert.InRange(seen.Labeled[0], 14, 18);
        Assert.True(seen.Labeled[^1] > seen.Labeled[0]);
        var right = model.PredictClasses(target.Inputs).eq(target.Labels).to(float32).mean().item<float>();
        Assert.True(right > 0.9, $"{right} of the target is read right");
    }

    [Fact]
    public void Faults_OfAShareOutsideItsRange_AreFoundInThePlan()
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();

        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            Recipes
                .Cbst(extractor, predictor, Schedule.Linear(0.2, 1.5))
                .Fit(Toy.Source(32), Toy.LabeledTarget().WithoutLabels())
        );

        Assert.Contains("Share must give shares from 0 to 1", fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => scope.Dispose();

    private static long[] Labels(double share, bool isClassBalanced)
    {
        using var labels = CurriculumPseudoLabels.Labels(tensor(Read), share, isClassBalanced);
        return [.. labels.data<long>()];
    }

    private sealed class Seen(CurriculumPseudoLabels term) : TransferLearning.Training.ITrainingObserver
    {
        public List<int> Labeled { get; } = [];

        public void OnEpoch(TransferLearning.Training.EpochReport report)
        {
            using var kept = Consistency.LogitSteps.Kept(term, "labels");
            Labeled.Add((int)kept.ge(0).sum().item<long>());
        }
    }
}
