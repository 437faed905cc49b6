using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Network;

/// <summary>Domains of different widths in one network.</summary>
public sealed class OwnInputLayersTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void PadColumns_ThenLeadingColumns_GivesTheRowsBack()
    {
        var rows = arange(12, dtype: float64).reshape(4, 3);
        var labels = tensor(new long[] { 0, 1, 0, 1 });

        var padded = new LabeledDomain(rows, labels, ones(4)).PadColumns(5);

        Assert.Equal([4, 5], padded.Inputs.shape);
        Assert.Equal(0, padded.Inputs.narrow(1, 3, 2).abs().sum().item<double>());
        Assert.NotNull(padded.Weights);
        Assert.True(new LeadingColumns(3).Extract(padded.Inputs).equal(rows).all().item<bool>());
        Assert.True(new LeadingColumns(3).Extract(rows).equal(rows).all().item<bool>());
        Assert.Equal([4, 3], new UnlabeledDomain(rows).PadColumns(3).Inputs.shape);
    }

    [Fact]
    public void Calls_WithRowsOfOtherWidths_SayWhich()
    {
        var rows = zeros(4, 3);

        Assert.Throws<ArgumentException>("inputs", () => new LeadingColumns(4).Extract(rows));
        Assert.Throws<ArgumentException>("width", () => new UnlabeledDomain(rows).PadColumns(2));
        Assert.Throws<ArgumentOutOfRangeException>("count", () => new LeadingColumns(0));
    }

    [Fact]
    public void FitFewShot_DomainsOfTwoWidths_ReadsBothByOneTrunk()
    {
        Toy.SeedModules(1);
        using var narrowLayer = nn.Linear(2, 8);
        using var wideLayer = nn.Linear(5, 8);
        using var trunk = nn.Sequential(nn.ReLU(), nn.Linear(8, 8), nn.ReLU());
        using var head = nn.Linear(8, 2);
        var both = ExtractorChain.Of(
            new PerDomainExtractor(
                ExtractorChain.Of(new LeadingColumns(2), narrowLayer.AsPart()),
                ExtractorChain.Of(new LeadingColumns(5), wideLayer.AsPart())
            ),
            trunk.AsPart()
        );
        var (narrow, wide, few) = (Rows(1, 200, 2), Rows(2, 300, 5), Rows(3, 20, 5));

        using var model = new AdaptationBuilder()
            .Train(both, head.AsPart(), net => net.Minimize(new CrossEntropy()))
            .FitFewShot(
                narrow.PadColumns(5),
                wide.WithoutLabels(),
                few,
                new FitOptions
                {
                    Training = new TrainingOptions { Steps = 200, BatchSize = 20 },
                }
            );

        double Right(DomainId domain, LabeledDomain rows) =>
            head.call(both.For(domain).Extract(rows.Inputs))
                .argmax(1)
                .eq(rows.Labels)
                .to(float64)
                .mean()
                .item<double>();
        Assert.True(Right(DomainId.Source(0), narrow) > 0.9); // rows without the padding
        Assert.True(Right(DomainId.Target, wide) > 0.9);
        Assert.True(model.PredictClasses(wide.Inputs).eq(wide.Labels).to(float64).mean().item<double>() > 0.9);
    }

    public void Dispose() => scope.Dispose();

    // The class moves every column, the odd ones the other way.
    private static LabeledDomain Rows(long seed, long rows, long columns)
    {
        using var generator = new RandomKey(seed).Generator();
        var labels = arange(rows).remainder(2);
        var sign = 1 - (arange(columns).remainder(2) * 2);
        var centers = (labels * 2 - 1).unsqueeze(1) * sign * 1.5;
        return new LabeledDomain(randn([rows, columns], generator: generator) + centers.to(float32), labels);
    }
}
