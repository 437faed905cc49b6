using TransferLearning.Mapping;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

public sealed class AdaptiveBatchNormalizationTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly ModulePart extractor = new(() => nn.BatchNorm1d(4));
    private readonly ModulePart predictor = new(() => nn.Linear(4, 2));

    [Theory]
    [InlineData(100)] // one batch
    [InlineData(30)] // four that are not equal
    public void Adapt_TargetRows_BecomeNormalized(int batch)
    {
        var rows = Toy.LabeledTarget(rows: 100).Inputs;

        new AdaptiveBatchNormalization { BatchSize = batch }.Adapt(extractor, predictor, new UnlabeledDomain(rows));

        extractor.Module.eval();
        var normalized = extractor.Extract(rows);
        Assert.True(normalized.mean([0L]).abs().max().item<float>() < 1e-5);
        Assert.Equal(1, normalized.std([0L]).mean().item<float>(), 1e-4);
    }

    // A batch of one row has no variance.
    [Fact]
    public void Adapt_AnOddNumberOfRowsInTwos_BecomesNormalized()
    {
        var rows = Toy.LabeledTarget(rows: 99).Inputs;

        new AdaptiveBatchNormalization { BatchSize = 2 }.Adapt(extractor, predictor, new UnlabeledDomain(rows));

        extractor.Module.eval();
        Assert.True(extractor.Extract(rows).mean([0L]).abs().max().item<float>() < 1e-5);
    }

    [Fact]
    public void Adapt_Twice_IsTheSameAndLeavesParametersAlone()
    {
        var target = Toy.LabeledTarget(rows: 90).WithoutLabels();
        var before = extractor.Module.parameters().Select(parameter => parameter.clone()).ToList();
        var adaptation = new AdaptiveBatchNormalization { BatchSize = 32 };

        adaptation.Adapt(extractor, predictor, target);
        var first = Toy.Bits(extractor);
        adaptation.Adapt(extractor, predictor, target);

        Assert.Equal(first, Toy.Bits(extractor));
        Assert.All(
            before.Zip(extractor.Module.parameters()),
            pair => Assert.True(pair.First.equal(pair.Second).all().item<bool>())
        );
    }

    [Fact]
    public void Adapt_Canceled_LeavesTheStatistics()
    {
        var target = Toy.LabeledTarget(rows: 90).WithoutLabels();
        var adaptation = new AdaptiveBatchNormalization { BatchSize = 32 };
        extractor.Module.eval();
        adaptation.Adapt(extractor, predictor, target);
        var before = Toy.Bits(extractor);
        using var stop = new CancellationTokenSource();
        var context = new FitContext { Cancellation = stop.Token, Progress = new Stopping(stop) };

        Assert.ThrowsAny<OperationCanceledException>(() =>
            adaptation.Adapt(extractor, predictor, new UnlabeledDomain(target.Inputs * 3), context)
        );

        Assert.Equal(before, Toy.Bits(extractor));
    }

    [Fact]
    public void Adapt_ALayerFailsToStart_LeavesTheStatisticsOfThoseBefore()
    {
        var (first, second) = (nn.BatchNorm1d(4), nn.BatchNorm1d(4));
        using var network = new ModulePart(() => nn.Sequential(first, second));
        first.running_mean!.fill_(3);
        second.running_mean!.Dispose();
        var adaptation = new AdaptiveBatchNormalization();

        Assert.ThrowsAny<Exception>(() => adaptation.Adapt(network, predictor, Toy.LabeledTarget().WithoutLabels()));

        Assert.Equal(3, first.running_mean!.mean().item<float>());
    }

    [Fact]
    public void Adapt_WithoutBatchNormalization_SaysSo()
    {
        using var plain = Toy.Extractor();

        var fault = Assert.Throws<ArgumentException>(() =>
            new AdaptiveBatchNormalization().Adapt(plain, predictor, Toy.LabeledTarget().WithoutLabels())
        );

        Assert.Equal("extractor", fault.ParamName);
    }

    [Fact]
    public void Fit_WithoutANetworkBefore_SaysWhatToCall()
    {
        var chain = new AdaptationBuilder().Add(new AdaptiveBatchNormalization());

        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            chain.Fit(Toy.Source(rows: 20), Toy.LabeledTarget(rows: 20).WithoutLabels())
        );

        Assert.Contains("Train(...)", fault.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        extractor.Dispose();
        predictor.Dispose();
        scope.Dispose();
    }

    /// <summary>Cancels once the first batch is reported.</summary>
    private sealed class Stopping(CancellationTokenSource stop) : IProgress<double>
    {
        public void Report(double value) => stop.Cancel();
    }
}
