using TransferLearning.Evaluation;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Support;

/// <summary>
/// Made-up rows of three classes of uneven size: a few labeled ones, many unlabeled ones in the same shares, and as
/// many of each class to judge by.
/// </summary>
internal static class UnevenClouds
{
    /// <summary>The accuracy of cross-entropy of the labeled rows alone.</summary>
    public static double AccuracyAlone() =>
        Accuracy(() =>
            new AdaptationBuilder().Train(Toy.Extractor(), Toy.Predictor(3), net => net.Minimize(new CrossEntropy()))
        );

    /// <summary>The share of rows read rightly, of evenly many of each class, averaged over three seeds.</summary>
    /// <param name="build">Makes the chain anew for a seed.</param>
    public static double Accuracy(Func<AdaptationBuilder> build)
    {
        var total = 0.0;
        for (var seed = 1; seed <= 3; seed++)
        {
            using var scope = NewDisposeScope();
            Toy.SeedModules(seed);
            var options = new FitOptions
            {
                Seed = seed,
                Training = new TrainingOptions
                {
                    Steps = 600,
                    BatchSize = 39,
                    TargetBatchSize = 195,
                },
            };
            using var model = build()
                .Fit(Rows([30, 6, 3], 10 + seed), Rows([600, 120, 60], 20 + seed).WithoutLabels(), options);
            var judged = Rows([300, 300, 300], 30 + seed);
            using var scores = model.Predict(judged.Inputs);
            total += AccuracyInterval.Of(scores, judged.Labels).Value;
        }
        return total / 3;
    }

    private static LabeledDomain Rows(long[] counts, long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        var labels = cat([.. counts.Select((count, i) => full(count, i, int64))]);
        var angle = labels.to(float32) * (2 * Math.PI / counts.Length);
        var centers = stack([angle.cos(), angle.sin()], 1) * 1.5;
        var noise = randn([labels.shape[0], 4], generator: generator) * 0.5;
        return new LabeledDomain(
            cat([centers, zeros(labels.shape[0], 2)], 1) + noise,
            labels,
            space: LabelSpace.Classes(counts.Length)
        );
    }
}
