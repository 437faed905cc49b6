using TransferLearning.Predictors;
using TransferLearning.Selection;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Selection;

/// <summary>Fits that read rows alike, or not.</summary>
public sealed class SeedAgreementTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Of_ThreeFits_IsTheMeanOverPairs()
    {
        var (a, b, c) = (zeros(4, int64), tensor(new long[] { 0, 0, 1, 1 }), tensor(new long[] { 0, 1, 1, 1 }));

        Assert.Equal((0.5 + 0.25 + 0.75) / 3, SeedAgreement.Of([a, b, c]), 1e-12);
        Assert.Equal(1, SeedAgreement.Of([b, b.clone()]));
    }

    [Fact]
    public void Of_TwoModels_ComparesWhatTheyReadOfTheTarget()
    {
        var target = Toy.LabeledTarget().WithoutLabels();
        var chain = new AdaptationBuilder().Learn(new LogisticRegression());
        using var one = chain.Fit(Toy.Source(), target);
        using var other = chain.Fit(Toy.Source(seed: 7, rows: 20), target);
        var alike = one.PredictClasses(target.Inputs).eq(other.PredictClasses(target.Inputs));

        Assert.Equal(alike.to(float64).mean().ToDouble(), SeedAgreement.Of([one, other], target), 1e-12);
        Assert.Equal(1, SeedAgreement.Of([one, one], target));
    }

    [Fact]
    public void Of_OneFitOrOtherRows_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => SeedAgreement.Of([zeros(3, int64)]));
        Assert.Throws<ArgumentException>(() => SeedAgreement.Of([zeros(3, int64), zeros(4, int64)]));
        Assert.Throws<ArgumentException>(() => SeedAgreement.Of([zeros(0, int64), zeros(0, int64)]));
    }

    public void Dispose() => scope.Dispose();
}
