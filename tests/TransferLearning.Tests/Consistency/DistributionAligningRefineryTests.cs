using TransferLearning.Consistency;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Consistency;

public sealed class DistributionAligningRefineryTests(ITestOutputHelper output) : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Refined_AfterTenRounds_AreTheAuthorsProgramsFigures()
    {
        var refined = DistributionAligningRefinery.Refined(Predictions(), tensor(new double[] { 6, 4, 2 }));

        // Their refinement with roots by bisection, on the same twelve rows.
        var expected = tensor(
            new double[,]
            {
                { 2.24514998e-01, 7.75484685e-01, 3.16645674e-07 },
                { 4.16985457e-01, 2.83675914e-06, 5.83011706e-01 },
                { 8.86221905e-01, 1.13777856e-01, 2.38702138e-07 },
            }
        );
        Assert.True(refined.narrow(0, 0, 3).allclose(expected, 1e-7, 1e-9), refined.narrow(0, 0, 3).str());
        Assert.True(refined.sum(dim: [0L]).allclose(tensor(new[] { 6.00021416, 3.99932277, 2.00046307 }), 1e-7, 1e-8));
    }

    [Fact]
    public void Refined_AfterManyRounds_HasTheCountsAndIsOptimal()
    {
        var counts = tensor(new double[] { 3, 7, 2 });
        var p = Predictions();

        // All probabilities are kept, times the same for a class in every row.
        var refined = DistributionAligningRefinery.Refined(p, counts, kept: 12, rounds: 500);

        Assert.True(refined.sum(dim: [0L]).allclose(counts, 1e-9, 1e-9));
        Assert.True(refined.sum(1).allclose(ones(12, float64), 1e-12, 1e-12));
        var start = (p * ((counts + 1e-6) / (p.sum(dim: [0L]) + 1e-6))) + 1e-6;
        start /= start.sum(1, keepdim: true);
        var entropy = (start * (start + 1e-6).log()).sum(1).neg();
        // log(r_a / r_b) - log(p_a / p_b) is the row's entropy times one number for all rows.
        var moved = (refined / start).log();
        foreach (var other in new[] { 1, 2 })
        {
            var multiplier = (moved.select(1, 0) - moved.select(1, other)) / entropy;
            Assert.True(multiplier.allclose(multiplier[0].expand(12), 1e-8, 1e-8));
        }
    }

    [Fact]
    public void Refined_OfCountsThatHold_ChangesNothing()
    {
        var p = Predictions();

        var refined = DistributionAligningRefinery.Refined(p, p.sum(dim: [0L]), kept: 12, rounds: 50);

        Assert.True(refined.allclose(p, 1e-4, 1e-5)); // but for the 1e-6 that every class gets
        Assert.Throws<ArgumentException>(() => DistributionAligningRefinery.Refined(p, ones(2)));
    }

    [Fact]
    public void Fit_SharesOfAnotherNumberOfClasses_AreRefused()
    {
        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Train(
                    Toy.Extractor(),
                    Toy.Predictor(),
                    net =>
                        net.Minimize(new CrossEntropy())
                            .Minimize(new DistributionAligningRefinery(new Noise(0.1)) { Shares = [1, 2, 3] })
                )
                .Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels())
        );

        Assert.Contains("Shares must be 2 numbers", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Darp_OnUnevenRows_ReadsThemBetterThanLabelsAlone()
    {
        var alone = UnevenClouds.AccuracyAlone();
        var darp = UnevenClouds.Accuracy(() =>
            Recipes.Darp(Toy.Extractor(), Toy.Predictor(3), new Noise(0.3), null, Schedule.From(0.3, 1), 0.9)
        );

        output.WriteLine($"DARP {darp:P1}, labels alone {alone:P1}");
        Assert.True(darp >= alone + 0.01, $"DARP {darp:P1}, labels alone {alone:P1}");
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Predictions() =>
        (((arange(36, dtype: float64) * 1.3) + 0.2).sin() * 2).reshape(12, 3).softmax(1);
}
