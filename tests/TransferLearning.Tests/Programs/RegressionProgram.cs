using TransferLearning.Evaluation;
using TransferLearning.Instance;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Programs;

/// <summary>
/// A first program on values: a sensor was replaced, the old one's readings are many, the new one's are few.
/// </summary>
public sealed class RegressionProgram
{
    [Fact]
    public void FewReadingsOfTheNewSensor_BesideManyOfTheOld_ReadItBetterThanEitherAlone()
    {
        using var scope = NewDisposeScope();
        var old = Readings(400, seed: 1, gain: 1, offset: 0);
        var few = Readings(25, seed: 2, gain: 1.3, offset: 0.5);
        var test = Readings(300, seed: 3, gain: 1.3, offset: 0.5);
        var learner = new DecisionTree { MaxDepth = 5 };

        using var ofOld = new AdaptationBuilder().Learn(learner).Fit(old, test.WithoutLabels());
        using var ofFew = new AdaptationBuilder().Learn(learner).Fit(few, test.WithoutLabels());
        using var boosted = new AdaptationBuilder()
            .Add(new TwoStageTrAdaBoostR2(learner) { Folds = 4 })
            .FitFewShot(old, test.WithoutLabels(), few);

        var errors = new[] { boosted, ofOld, ofFew }.Select(model =>
            RegressionMetrics.Of(model.Predict(test.Inputs), test.Labels)
        );
        Assert.All(errors.Skip(1), alone => Assert.True(errors.First().Rmse < 0.9 * alone.Rmse));
        Assert.Equal(test.Labels.shape, boosted.Predict(test.Inputs).shape);
    }

    private static LabeledDomain Readings(int count, long seed, double gain, double offset)
    {
        using var generator = new RandomKey(seed).Generator();
        var inputs = rand([count, 3], dtype: float64, generator: generator) * 4;
        var noise = randn([count], dtype: float64, generator: generator) * 0.1;
        var (x, y) = (inputs.select(1, 0), inputs.select(1, 1));
        return new LabeledDomain(inputs, (gain * (x.sin() * 3 + y)) + offset + noise);
    }
}
