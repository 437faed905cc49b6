using TransferLearning.Instance;
using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>
/// What looks for nearest rows does so block by block; rows of many blocks give what each gives alone.
/// </summary>
public sealed class DistanceBlocksTests : IDisposable
{
    private const int Rows = 700; // more than two blocks of distances to as many others

    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void PredictAndFeatures_OfManyBlocks_AreThoseOfFewRowsAtATime()
    {
        var (x, labels) = Toy.Clouds(Rows, 1);
        var (y, _) = Toy.Clouds(Rows, 2, angle: 0.3);
        using var model = new AdaptationBuilder()
            .Map(new OptimalTransport(new EntropicTransport(1)))
            .Learn(new NearestNeighbor())
            .Fit(new LabeledDomain(x, labels), new UnlabeledDomain(y));

        foreach (var domain in new[] { DomainId.Source(0), DomainId.Target })
        {
            Assert.True(model.Features(x, domain).equal(model.Features(x, domain, batchSize: 50)).all().item<bool>());
            Assert.True(model.Predict(x, domain).equal(model.Predict(x, domain, batchSize: 50)).all().item<bool>());
        }
    }

    [Fact]
    public void Weigh_OfManyBlocks_CountsEveryTargetRow()
    {
        var (x, y) = (Toy.Clouds(Rows, 1).Inputs.to(float64), Toy.Clouds(3 * Rows, 2).Inputs.to(float64));

        var weights = new NearestNeighborWeighting { Smoothing = 0 }.Weigh(x, y);

        var nearest = cdist(y, x).argmin(1).data<long>().CountBy(row => row).ToDictionary();
        var expected = Enumerable.Range(0, Rows).Select(row => (double)nearest.GetValueOrDefault(row)).ToList();
        var scale = expected.Sum() / weights.sum().item<double>();
        Assert.All(expected.Zip(weights.data<double>()), pair => Assert.Equal(pair.First, pair.Second * scale, 1e-9));
    }

    public void Dispose() => scope.Dispose();
}
