using TransferLearning.Objectives;
using TransferLearning.SelfTraining;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.SelfTraining;

public sealed class BatchNuclearNormTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Of_SurePredictions_IsTheMeanOfTheSingularValues()
    {
        var scores = tensor(
            new double[,]
            {
                { 80, 0 },
                { 80, 0 },
                { 0, 80 },
            }
        );

        Assert.Equal(-(Math.Sqrt(2) + 1) / 2, BatchNuclearNorm.Of(scores).item<double>(), 1e-9);
        Assert.Equal(-(Math.Sqrt(2) + 1) / 3, BatchNuclearNorm.Of(scores, isPerRow: true).item<double>(), 1e-9);
    }

    [Fact]
    public void Bnm_Recipe_DividesByTheRowsWithWeight1()
    {
        var recipe = Trained((extractor, predictor) => Recipes.Bnm(extractor, predictor));
        var chain = Trained(
            (extractor, predictor) =>
                new AdaptationBuilder().Train(
                    extractor,
                    predictor,
                    net => net.Minimize(new CrossEntropy()).Minimize(new BatchNuclearNorm { IsPerRow = true }, 1)
                )
        );

        Assert.Equal(chain, recipe);
    }

    public void Dispose() => scope.Dispose();

    private static byte[] Trained(Func<IFeatureExtractor, ILabelPredictor, AdaptationBuilder> chain)
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        chain(extractor, predictor)
            .Fit(
                Toy.Source(rows: 40),
                Toy.LabeledTarget(rows: 20).WithoutLabels(),
                new FitOptions
                {
                    Training = new TrainingOptions { Steps = 3, BatchSize = 20 },
                }
            )
            .Dispose();
        return Toy.Bits(extractor, predictor);
    }
}
