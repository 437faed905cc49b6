using TransferLearning.Objectives;
using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Settings;

/// <summary>RSC: which features of which rows are muted, and what that costs.</summary>
public sealed class SelfChallengingTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Kept_OfALinearClassifier_MutesTheLargestWeightsOfTheRowsThatFallTheMost()
    {
        // Class 0 rests on feature 0, class 1 on feature 3; the slope is the class's row of weights.
        var weight = tensor(
            new double[,]
            {
                { 4, 1, 0, -1 },
                { -1, 0, 1, 4 },
            }
        );
        var features = tensor(
            new double[,]
            {
                { 1, 1, 1, 0 },
                { 0, 1, 1, 0.01 },
                { 0.2, 0, 0, 0 },
                { 0, 1, 0, 2 },
            }
        );
        var labels = tensor(new long[] { 0, 1, 0, 1 });
        Tensor Predict(Tensor rows) => rows.matmul(weight.t());

        var kept = SelfChallenging.Kept(features, labels, Predict, featureShare: 0.25, rowShare: 0.25);

        // 0.75 of 3 lies below the largest of four slopes: the largest alone is at least that. Of the falls in
        // the right class's probability that of row 0 (from 0.98 to 0.5) and of row 3 are large; one is muted.
        var p = Predict(features).softmax(1).gather(1, labels.unsqueeze(1)).squeeze(1);
        var muted = features.clone();
        foreach (var (row, feature) in new[] { (0, 0), (1, 3), (2, 0), (3, 3) })
        {
            muted[row, feature].zero_();
        }
        var fall = p - Predict(muted).softmax(1).gather(1, labels.unsqueeze(1)).squeeze(1);
        var worst = fall.argmax().item<long>();
        var expected = ones(4, 4, float64);
        expected[worst, labels[worst].item<long>() == 0 ? 0 : 3].zero_();
        Assert.True(kept.equal(expected).all().item<bool>());
    }

    [Fact]
    public void Evaluate_OfTwoSources_IsTheCrossEntropyOfWhatIsKept()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var step = Toy.Step(extractor, predictor, sources: 2);
        var features = step.SourceFeatures();
        var labels = cat([.. step.Sources.Select(batch => batch.Labels)]);
        var kept = SelfChallenging.Kept(features, labels, predictor.Predict);

        var loss = new SelfChallenging().Evaluate(step);

        Assert.Equal(
            CrossEntropy.Of(predictor.Predict(features * kept), labels).item<float>(),
            loss.item<float>(),
            1e-6
        );
        Assert.True(kept.eq(0).any().item<bool>());
        Assert.True(kept.eq(1).all(1).sum().item<long>() >= 10); // a third of 16 rows is muted at the most
        var first = extractor.Module.parameters().First();
        Assert.True(autograd.grad([loss], [first])[0].abs().sum().item<float>() > 0);
    }

    [Fact]
    public void Kept_OfAPredictorThatIgnoresTheFeatures_IsRefused() =>
        Assert.Throws<ArgumentException>(() =>
            SelfChallenging.Kept(ones(2, 3), zeros(2, int64), rows => zeros(rows.shape[0], 2))
        );

    public void Dispose() => scope.Dispose();
}
