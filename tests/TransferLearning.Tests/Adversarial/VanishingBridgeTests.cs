using TransferLearning.Adversarial;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Adversarial;

public sealed class VanishingBridgeTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Bridged_OfRows_IsTheHeadLessTheBridge()
    {
        using var trunk = nn.Sequential(nn.Linear(3, 5), nn.ReLU());
        using var bridged = new Bridged(5, 2, trunk);
        using var generator = new RandomKey(1).Generator();
        var rows = randn([4, 3], generator: generator);

        var (output, bridge) = bridged.Both(rows);

        var named = bridged.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter);
        var inner = trunk.call(rows);
        Tensor Layer(string name) => inner.matmul(named[name + ".weight"].t()) + named[name + ".bias"];
        Assert.True(bridge.allclose(Layer("bridge"), 1e-5, 1e-6));
        Assert.True(output.allclose(Layer("head") - Layer("bridge"), 1e-5, 1e-6));
        Assert.True(bridged.call(rows).Equals(output));
        Assert.Equal(6, named.Count); // the trunk's too
        using var bare = new Bridged(5, 2);
        Assert.Throws<ArgumentException>(() => bare.call(rows));
    }

    [Fact]
    public void Evaluate_OfAStep_IsItsFormula()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var classifier = new Bridged(8, 2);
        using var critic = new Bridged(2, 1);
        var weights = arange(8, dtype: float32) / 3.5f;
        var step = Toy.Step(extractor, classifier.AsPart(), weights: weights);
        var term = new VanishingBridge(classifier, critic, reversal: 1) { ClassifierBridge = 0.5, CriticBridge = 2 };

        var value = term.Evaluate(step).item<float>();

        var features = cat([step.SourceFeatures(), step.Features(step.Target)]);
        var (scores, bridge) = classifier.Both(features);
        var p = scores.softmax(1);
        var (logits, ofCritic) = critic.Both(p);
        var sure = (p * (p + 1e-5).log()).sum(1).exp();
        Tensor Term(long start, long rows, double sign, Tensor? more)
        {
            var w = sure.narrow(0, start, rows) * (more ?? ones(rows));
            return (w / w.sum() * nn.functional.softplus(logits.reshape(-1).narrow(0, start, rows) * sign)).sum();
        }
        var expected =
            Term(0, 8, -1, weights) + Term(8, 6, 1, null) + (bridge.abs().mean() * 0.5) + (ofCritic.abs().mean() * 2);
        Assert.Equal(expected.item<float>(), value, 1e-5f);
    }

    [Fact]
    public void Evaluate_WithAnotherPredictor_SaysSo()
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var classifier = new Bridged(8, 2);
        using var critic = new Bridged(2, 1);
        var term = new VanishingBridge(classifier, critic);

        var fault = Assert.Throws<ArgumentException>(() => term.Evaluate(Toy.Step(extractor, predictor)));

        Assert.Contains("the training's predictor", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_InBFloat16_HasTheValueOfFloat32ButForItsRounding()
    {
        var exact = FirstValue(Precision.AsData);

        var rounded = FirstValue(Precision.BFloat16);

        Assert.NotEqual(exact, rounded);
        Assert.Equal(exact, rounded, 0.05);
    }

    public void Dispose() => scope.Dispose();

    // The term's value in the first step of a training.
    private static double FirstValue(Precision precision)
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var classifier = new Bridged(8, 2);
        using var critic = new Bridged(2, 1);
        var values = new Values();
        Recipes
            .Gvb(extractor, classifier, critic)
            .Fit(
                Toy.Source(),
                Toy.LabeledTarget().WithoutLabels(),
                new FitOptions
                {
                    Training = new TrainingOptions { Steps = 1, Precision = precision },
                    Observers = [values],
                }
            )
            .Dispose();
        return values.Seen.Single(pair => pair.Name == nameof(VanishingBridge)).Value;
    }

    private sealed class Values : ITrainingObserver
    {
        public List<(string Name, double Value)> Seen { get; } = [];

        public void OnStep(StepReport report) => Seen.AddRange(report.Objectives);
    }
}
