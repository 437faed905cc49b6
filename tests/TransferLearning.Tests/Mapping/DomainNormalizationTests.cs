#pragma warning disable TL1002 // experimental methods are tested, too
using TransferLearning.Mapping;
using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>Layers that normalize each domain by its own statistics.</summary>
public sealed class DomainNormalizationTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Tensor sourceRows = ((Numbers() * 1.3) + 0.5).sin() * 2 + 1;
    private readonly Tensor targetRows = (Numbers() * 0.7).cos() - 0.5;

    [Fact]
    public void TransferableNormalization_KnownRows_IsPyTorchsFigure()
    {
        using var layer = new TransferableNormalization(3);
        using (no_grad())
        {
            layer.get_parameter("weight")!.copy_(tensor(new[] { 1.5f, 0.5f, 2 }));
            layer.get_parameter("bias")!.copy_(tensor(new[] { 0.1f, -0.2f, 0.3f }));
        }
        var extractor = new DomainNormalizedExtractor(layer.AsPart());

        // The formula written out in PyTorch: one source batch, then one target batch.
        Near([3.8919f, -0.6559f, -4.9150f], extractor.For(DomainId.Source(0)).Extract(sourceRows)[2]);
        Near([-2.0084f, -0.0963f, 5.6987f], extractor.For(DomainId.Target).Extract(targetRows)[5]);
        Near([1.0053f, 0.9991f, 0.9956f], layer.ChannelWeights());
        layer.eval();
        Near([-2.6581f, -0.6489f, 2.0109f], extractor.Extract(targetRows)[5]);
    }

    [Fact]
    public void TransferableNormalization_DomainsAgree_WeighsAllChannelsAlike()
    {
        using var layer = new TransferableNormalization(3);
        var extractor = new DomainNormalizedExtractor(layer.AsPart());

        extractor.For(DomainId.Source(0)).Extract(sourceRows);
        extractor.Extract(sourceRows);

        Near([1, 1, 1], layer.ChannelWeights());
    }

    [Fact]
    public void DomainSpecificBatchNormalization_EachDomain_IsThatOfItsOwnBatchNormalization()
    {
        using var layer = new DomainSpecificBatchNormalization(3, sources: 2);
        using var plain = nn.BatchNorm1d(3);
        var extractor = new DomainNormalizedExtractor(layer.AsPart(), sources: 2);

        extractor.For(DomainId.Source(0)).Extract(sourceRows);
        extractor.For(DomainId.Source(1)).Extract(sourceRows * 5);
        var given = extractor.Extract(targetRows);
        var wanted = plain.call(targetRows);

        Assert.True(given.allclose(wanted));
        layer.eval();
        plain.eval();
        Assert.True(extractor.Extract(targetRows).allclose(plain.call(targetRows)));
        Assert.False(extractor.For(DomainId.Source(1)).Extract(targetRows).allclose(plain.call(targetRows)));
    }

    [Fact]
    public void DomainSpecificBatchNormalization_Images_AreNormalizedByChannel()
    {
        using var layer = new DomainSpecificBatchNormalization(2);
        var images = Numbers().reshape(3, 2, 2, 2);

        var normalized = layer.call(images);

        Assert.True(normalized.mean([0L, 2L, 3L]).abs().max().item<float>() < 1e-5);
    }

    [Fact]
    public void For_SameDomain_IsTheSameObject()
    {
        using var layer = new DomainSpecificBatchNormalization(3);
        var extractor = new DomainNormalizedExtractor(layer.AsPart());

        Assert.Same(extractor.For(DomainId.Target), extractor.For(DomainId.Target));
        Assert.NotSame(extractor.For(DomainId.Target), extractor.For(DomainId.Source(0)));
    }

    [Fact]
    public void Extractor_WithoutSuchALayer_SaysWhatToPutIn()
    {
        using var plain = Toy.Extractor(hasNormalization: true);

        var fault = Assert.Throws<ArgumentException>(() => new DomainNormalizedExtractor(plain));

        Assert.Equal("network", fault.ParamName);
        Assert.Contains("DomainSpecificBatchNormalization", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Extractor_LayerOfAnotherNumberOfSources_IsRefused()
    {
        using var layer = new DomainSpecificBatchNormalization(3, sources: 2);

        Assert.Throws<ArgumentException>(() => new DomainNormalizedExtractor(layer.AsPart()));
    }

    [Fact]
    public void Fit_MoreSourcesThanBranches_IsNamedBeforeTraining()
    {
        using var network = Network();
        using var predictor = Toy.Predictor();
        var builder = new AdaptationBuilder().Train(
            new DomainNormalizedExtractor(network),
            predictor,
            net => net.Minimize(new CrossEntropy())
        );

        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            builder.Fit([Toy.Source(), Toy.Source(seed: 7)], Toy.LabeledTarget().WithoutLabels())
        );

        Assert.Contains("1 source(s)", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_SavedAndLoaded_PredictsTheSame()
    {
        using var folder = new TemporaryFolder();
        Toy.SeedModules(7);
        using var network = Network();
        using var predictor = Toy.Predictor();
        var target = Toy.LabeledTarget();
        using var model = new AdaptationBuilder()
            .Train(
                new DomainNormalizedExtractor(network),
                predictor,
                net => net.Minimize(new CrossEntropy()).Align(new MultiKernelMaximumMeanDiscrepancy())
            )
            .Fit(
                Toy.Source(),
                target.WithoutLabels(),
                new FitOptions
                {
                    Training = new TrainingOptions { Epochs = 1, Passes = DomainPasses.Joined },
                }
            );
        model.Save(folder.File("model"));
        using var otherNetwork = Network();
        using var otherPredictor = Toy.Predictor();

        using var loaded = AdaptedModel.Load(
            folder.File("model"),
            (nn.Module<Tensor, Tensor>)otherNetwork.Module,
            (nn.Module<Tensor, Tensor>)otherPredictor.Module
        );

        Assert.True(loaded.Predict(target.Inputs).equal(model.Predict(target.Inputs)).all().item<bool>());
    }

    [Fact]
    public void TrainingBatchOfOneRow_IsRefusedAndLeavesTheStatisticsFinite()
    {
        using var own = new DomainSpecificBatchNormalization(3);
        using var shared = new TransferableNormalization(3);
        var row = sourceRows.narrow(0, 0, 1);

        Assert.Throws<ArgumentException>(() => own.call(row));
        Assert.Throws<ArgumentException>(() => shared.call(row));
        own.eval();
        Assert.True(own.call(row).isfinite().all().item<bool>());
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void Layer_MomentumThatIsNoShare_IsRefused(double momentum)
    {
        Action[] made =
        [
            () => _ = new DomainSpecificBatchNormalization(3, momentum: momentum),
            () => _ = new TransferableNormalization(3, momentum),
            () => _ = new StochasticNormalization(3, momentum: momentum),
        ];

        Assert.All(made, make => Assert.Equal("momentum", Assert.Throws<ArgumentOutOfRangeException>(make).ParamName));
    }

    public void Dispose() => scope.Dispose();

    private static ModulePart Network() =>
        new(() => nn.Sequential(nn.Linear(4, 8), new DomainSpecificBatchNormalization(8), nn.ReLU()));

    private static Tensor Numbers() => arange(24, dtype: float32).reshape(8, 3);

    private static void Near(float[] expected, Tensor given) =>
        Assert.True(given.allclose(tensor(expected), rtol: 1e-3, atol: 2e-4), string.Join(" ", given.data<float>()));
}
