using TransferLearning.Mapping;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>Half instance, half batch normalization: IBN-Net.</summary>
public sealed class InstanceBatchNormalizationTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Forward_InTraining_NormalizesHalfByImageAndHalfByBatch()
    {
        var images = Images(6, 5);
        using var layer = new InstanceBatchNormalization(5); // two channels of five

        var output = layer.call(images);

        Assert.True(output.narrow(1, 0, 2).allclose(Normalized(images.narrow(1, 0, 2), [2, 3]), 1e-4, 1e-5));
        Assert.True(output.narrow(1, 2, 3).allclose(Normalized(images.narrow(1, 2, 3), [0, 2, 3]), 1e-4, 1e-5));
    }

    [Fact]
    public void Forward_ImagesOfOtherBrightnessAndContrast_LeavesTheFirstChannelsAsTheyWere()
    {
        var images = Images(6, 4);
        using var layer = new InstanceBatchNormalization(4);
        layer.eval();

        var (plain, changed) = (layer.call(images), layer.call((images * 3) + 2));

        Assert.True(changed.narrow(1, 0, 2).allclose(plain.narrow(1, 0, 2), 1e-3, 1e-4));
        Assert.False(changed.narrow(1, 2, 2).allclose(plain.narrow(1, 2, 2), 1e-3, 1e-4));
    }

    [Fact]
    public void From_ABatchNormalization_TakesItsScaleShiftAndStatistics()
    {
        using var trained = nn.BatchNorm2d(4, eps: 1e-3, momentum: 0.3);
        using (no_grad())
        {
            trained.weight!.copy_(tensor(new[] { 1f, 2, 3, 4 }));
            trained.bias!.copy_(tensor(new[] { 5f, 6, 7, 8 }));
        }
        trained.call(Images(8, 4) + 1);
        trained.eval();
        using var layer = InstanceBatchNormalization.From(trained, share: 0.25);
        layer.eval();
        var images = Images(3, 4, seed: 2);

        var output = layer.call(images);

        Assert.True(output.narrow(1, 1, 3).allclose(trained.call(images).narrow(1, 1, 3), 1e-5, 1e-6));
        var expected = (Normalized(images.narrow(1, 0, 1), [2, 3], 1e-3) * 1) + 5;
        Assert.True(output.narrow(1, 0, 1).allclose(expected, 1e-4, 1e-5));
        Assert.Equal(
            [
                "BN.bias",
                "BN.num_batches_tracked",
                "BN.running_mean",
                "BN.running_var",
                "BN.weight",
                "IN.bias",
                "IN.weight",
            ],
            layer.state_dict().Keys.Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void Layer_OfIllegalNumbersOrInputs_SaysWhich()
    {
        Assert.Equal(
            "channels",
            Assert.Throws<ArgumentOutOfRangeException>(() => new InstanceBatchNormalization(1)).ParamName
        );
        Assert.Equal(
            "share",
            Assert.Throws<ArgumentOutOfRangeException>(() => new InstanceBatchNormalization(4, 1)).ParamName
        );
        Assert.Equal(
            "share",
            Assert.Throws<ArgumentOutOfRangeException>(() => new InstanceBatchNormalization(4, 0.2)).ParamName
        );
        using var layer = new InstanceBatchNormalization(4);
        Assert.Equal("input", Assert.Throws<ArgumentException>(() => layer.call(Images(2, 3))).ParamName);
        Assert.Equal("input", Assert.Throws<ArgumentException>(() => layer.call(zeros(2, 4))).ParamName);
        using var plain = nn.BatchNorm2d(4, affine: false);
        Assert.Equal(
            "pretrained",
            Assert.Throws<ArgumentException>(() => InstanceBatchNormalization.From(plain)).ParamName
        );
        using var cumulative = nn.BatchNorm2d(4);
        cumulative.momentum = null;
        Assert.Contains(
            "momentum",
            Assert.Throws<ArgumentException>(() => InstanceBatchNormalization.From(cumulative)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void IbnNet_OnImages_ReadsThemInAnotherLight()
    {
        Toy.SeedModules(4);
        var source = Shapes(256, seed: 1);
        var unseen = Shapes(200, seed: 2);
        var darker = (unseen.Inputs * 0.15) - 4;
        double Read(Func<nn.Module<Tensor, Tensor>> normalization)
        {
            using var network = new ModulePart(() =>
                nn.Sequential(
                    nn.Conv2d(1, 8, 3),
                    normalization(),
                    nn.ReLU(),
                    nn.Flatten(),
                    nn.Linear(288, 8),
                    nn.ReLU()
                )
            );
            using var predictor = Toy.Predictor();
            using var model = Recipes
                .IbnNet(network, predictor)
                .FitWithoutTarget(
                    [source],
                    new FitOptions
                    {
                        Training = new TrainingOptions { Steps = 150, BatchSize = 32 },
                    }
                );
            return Evaluation.AccuracyInterval.Of(model.PredictClasses(darker), unseen.Labels).Value;
        }

        var (plain, half) = (Read(() => nn.BatchNorm2d(8)), Read(() => new InstanceBatchNormalization(8, 0.75)));

        Assert.True(half > 0.8 && half > plain + 0.05, $"{plain} to {half}");
    }

    public void Dispose() => scope.Dispose();

    // Upright or lying bars on noise.
    private static LabeledDomain Shapes(long rows, long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        var labels = arange(rows, dtype: int64).remainder(2);
        var bars = stack([
            cat([zeros(8, 3), ones(8, 2), zeros(8, 3)], 1),
            cat([zeros(8, 3), ones(8, 2), zeros(8, 3)], 1).t(),
        ]);
        var images = bars.index_select(0, labels) + (randn([rows, 8, 8], generator: generator) * 0.3);
        return new LabeledDomain(images.unsqueeze(1), labels, space: LabelSpace.Classes(2));
    }

    private static Tensor Images(long rows, long channels, long seed = 1)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn([rows, channels, 4, 4], generator: generator) + 0.5;
    }

    private static Tensor Normalized(Tensor images, long[] over, double epsilon = 1e-5)
    {
        var centered = images - images.mean(over, keepdim: true);
        return centered / (centered.square().mean(over, keepdim: true) + epsilon).sqrt();
    }
}
