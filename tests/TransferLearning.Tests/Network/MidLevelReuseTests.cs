using TransferLearning.Evaluation;
using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Network;

/// <summary>
/// Frozen layers of a trained network under new adaptation layers, background rows, scores of images.
/// </summary>
public sealed class MidLevelReuseTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void PatchScores_OfTwoImages_AreMeansOfPowers()
    {
        var probabilities = tensor(new[] { 0.5, 0.5, 1, 0, 0.2, 0.8 }).reshape(3, 2);

        var scores = PatchScores.Of(probabilities, tensor(new long[] { 2, 0, 2 }), 3, power: 2);

        // Of the third image (0.25 + 0.04) / 2 and (0.25 + 0.64) / 2; the second one has no patch.
        double[] expected = [1, 0, 0, 0, 0.145, 0.445];
        Assert.True(scores.allclose(tensor(expected).reshape(3, 2), 1e-12));
        Assert.Throws<ArgumentException>(
            "images",
            () => PatchScores.Of(probabilities, tensor(new long[] { 0, 1, 3 }), 3)
        );
        Assert.Throws<ArgumentException>("images", () => PatchScores.Of(probabilities, tensor(new long[] { 0, 1 }), 3));
        Assert.Throws<ArgumentOutOfRangeException>(
            "power",
            () => PatchScores.Of(probabilities, tensor(new long[] { 0, 1, 2 }), 3, power: 0.5)
        );
    }

    [Fact]
    public void BackgroundRows_CountTheirShare()
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var step = Toy.Step(extractor, predictor);

        var weights = new BackgroundRows(1) { Share = 0.25 }.Weigh(step, step.Sources[0]);

        Assert.Equal([1f, 0.25f, 1, 0.25f, 1, 0.25f, 1, 0.25f], weights.data<float>().ToArray());
        var batch = step.Sources[0];
        var shares = tensor(
                new[,]
                {
                    { 0.25f, 0.75f },
                }
            )
            .expand(8, 2);
        var mixed = new LabeledBatch(batch.Inputs, shares, batch.Domain, batch.Rows, null, LabelSpace.Classes(2));
        var ofMixed = new BackgroundRows(1) { Share = 0.2 }.Weigh(step, mixed);
        Assert.True(ofMixed.allclose(full([8], 1 - (0.75 * 0.8), float32)));
        Assert.Throws<ArgumentOutOfRangeException>("background", () => new BackgroundRows(-1));
        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            Recipes
                .MidLevel(extractor, new ModulePart(() => nn.Linear(8, 8)), predictor, background: 2)
                .FitWithoutTarget([Toy.Source()])
        );
        Assert.Contains("background is class 2", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Recipe_TrainsTheNewLayersOnTheCopiedOnesAndReadsNewClasses()
    {
        Toy.SeedModules(5);
        using var trained = Toy.Extractor(hasNormalization: true);
        using var oldHead = Toy.Predictor();
        Recipes.FineTune(trained, oldHead).FitWithoutTarget([Toy.Source()]).Dispose();
        using var trunk = Toy.Extractor(hasNormalization: true);
        new LayerTransfer(3).Copy(trained.Module, trunk.Module);
        using var adaptation = new ModulePart(() => nn.Sequential(nn.Linear(8, 16), nn.ReLU()));
        using var predictor = new ModulePart(() => nn.Linear(16, 3));
        var (before, adaptedBefore) = (Toy.Bits(trunk), Toy.Bits(adaptation));

        using var model = Recipes
            .MidLevel(trunk, adaptation, predictor, background: 2)
            .FitWithoutTarget(
                [Toy.Source(rows: 300, seed: 12, classes: 3)],
                new FitOptions
                {
                    Training = new TrainingOptions { Epochs = 20, Optimizer = p => optim.Adam(p, 0.01) },
                }
            );

        Assert.Equal(before, Toy.Bits(trunk)); // statistics of its batch normalization as well
        Assert.NotEqual(adaptedBefore, Toy.Bits(adaptation));
        var judged = Toy.Source(rows: 300, seed: 13, classes: 3);
        var accuracy = AccuracyInterval.Of(model.PredictClasses(judged.Inputs), judged.Labels);
        Assert.True(accuracy.Value >= 0.8, $"{accuracy}");
    }

    public void Dispose() => scope.Dispose();
}
