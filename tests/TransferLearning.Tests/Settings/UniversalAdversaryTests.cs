using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Settings;

public sealed class UniversalAdversaryTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Tensor judged = tensor(new[] { 2.0, -1, 0.5 });
    private readonly Tensor scores = tensor(
        new[,]
        {
            { 3.0, 0 },
            { 0, 0 },
            { -1, 1 },
        }
    );

    [Fact]
    public void Transferability_OfSomeRows_IsSourceLikenessLessEntropy()
    {
        var p = scores.softmax(1);
        var entropy = -(p * p.log()).sum(1) / Math.Log(2);

        Assert.True(UniversalAdversary.Transferability(judged, scores).allclose(judged.sigmoid() - entropy));
        Assert.True(
            UniversalAdversary
                .Transferability(judged, scores, 10)
                .allclose(UniversalAdversary.Transferability(judged, scores / 10))
        );
        Assert.Equal(
            -1,
            UniversalAdversary.Transferability(full(1, -900.0), zeros(1, 5, dtype: float64)).item<double>(),
            1e-12
        );
    }

    [Fact]
    public void Weights_OfSomeRows_HaveMeanOneAndLeastZero()
    {
        var raw = UniversalAdversary.Transferability(judged, scores);
        var raised = raw - raw.min();

        var target = UniversalAdversary.TargetWeights(judged, scores);
        var source = UniversalAdversary.SourceWeights(judged, scores, temperature: 1);

        Assert.True(target.allclose(raised / raised.mean()));
        Assert.Equal(1, source.mean().item<double>(), 1e-12);
        Assert.Equal(target.argmax().item<long>(), source.argmin().item<long>());
        Assert.True(UniversalAdversary.TargetWeights(zeros(4), zeros(4, 3)).allclose(ones(4))); // all alike
        Assert.Throws<ArgumentException>(() => UniversalAdversary.TargetWeights(zeros(3), zeros(4, 3)));
    }

    [Fact]
    public void Evaluate_Slopes_LeaveTheExtractorToTheOpposedCriticAlone()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var critic = Toy.Critic();
        using var first = Toy.Critic();
        double Slope(Schedule? reversal, double progress = 1)
        {
            var value = new UniversalAdversary(critic, first, reversal).Evaluate(
                Toy.Step(extractor, predictor, progress)
            );
            return autograd.grad([value], [extractor.Module.parameters().First()])[0].abs().sum().item<float>();
        }

        Assert.True(Slope(1) > 0);
        Assert.Equal(Slope(1) / 2, Slope(0.5), 1e-6);
        Assert.Equal(0, Slope(0)); // the first critic passes nothing on
        Assert.Equal(Slope(1) * 0.7615942, Slope(null, progress: 0.05), 1e-6); // 2 / (1 + exp(-40 / 20)) - 1
    }

    [Fact]
    public void Evaluate_ExampleWeights_CountForSourceRows()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var critic = Toy.Critic();
        using var first = Toy.Critic();
        float Value(Tensor? weights) =>
            new UniversalAdversary(critic, first)
                .Evaluate(Toy.Step(extractor, predictor, weights: weights))
                .item<float>();

        Assert.Equal(Value(null), Value(ones(8)), 1e-6f);
        Assert.NotEqual(Value(null), Value(arange(8) / 3.5f), 1e-4f);
    }

    [Fact]
    public void Margin_OfTheRule_IsPositiveBelowTheThreshold()
    {
        using var critic = new ModulePart(() => nn.Linear(2, 1));
        var rule = new TransferabilityRule(critic, threshold: 0.1);
        var features = tensor(
            new[,]
            {
                { 1f, 2 },
                { -3, 0.5f },
            }
        );
        var logs = tensor(
                new[,]
                {
                    { 0.5f, 0.5f },
                    { 0.9f, 0.1f },
                }
            )
            .log();

        var expected = 0.1 - UniversalAdversary.Transferability(critic.Judge(features).reshape(-1), logs);

        Assert.True(rule.Margin(features, logs).allclose(expected, 1e-5, 1e-6));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TransferabilityRule(critic, 1));
    }

    public void Dispose() => scope.Dispose();
}
