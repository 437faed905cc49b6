using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Adversarial;

public sealed class MinimaxEntropyTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Of_EvenAndSureRows_IsMinusTheirEntropy()
    {
        Assert.Equal(-Math.Log(4), MinimaxEntropy.Of(zeros(3, 4, dtype: float64), 0).item<double>(), 1e-12);
        Assert.Equal(0, MinimaxEntropy.Of(eye(4, dtype: float64) * 200, 0).item<double>(), 1e-12);
        var p = tensor(new[] { 0.7, 0.2, 0.1 }).unsqueeze(0);
        Assert.Equal((p * (p + 1e-5).log()).sum().item<double>(), MinimaxEntropy.Of(p.log()).item<double>(), 1e-12);
    }

    [Fact]
    public void Evaluate_Slopes_AreOppositeForClassifierAndExtractor()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = new ModulePart(() => new CosineClassifier(8, 2));
        IList<Tensor> Slopes(Func<StepContext, Tensor> term) =>
            autograd.grad(
                [term(Toy.Step(extractor, predictor))],
                [predictor.Module.parameters().First(), extractor.Module.parameters().First()]
            );

        var plain = Slopes(step => MinimaxEntropy.Of(step.Scores(step.Target)));
        var opposed = Slopes(new MinimaxEntropy { Reversal = 0.5 }.Evaluate);

        Assert.True(plain[1].abs().sum().item<float>() > 0);
        Assert.True(opposed[0].allclose(plain[0], 1e-4, 1e-6)); // makes the entropy large
        Assert.True(opposed[1].allclose(plain[1] * -0.5, 1e-4, 1e-6)); // makes it small
    }

    [Fact]
    public void CosineClassifier_OfRows_SeesTheirDirectionsAlone()
    {
        using var classifier = new CosineClassifier(5, 3, temperature: 0.5);
        using var generator = new RandomKey(1).Generator();
        var rows = randn([4, 5], generator: generator);

        var scores = classifier.call(rows);

        var weight = classifier.parameters().Single();
        var expected = (rows / rows.norm(1, keepdim: true)).matmul(weight.t()) * 2;
        Assert.True(scores.allclose(expected, 1e-5, 1e-6));
        Assert.True(classifier.call(rows * 7).allclose(scores, 1e-5, 1e-6));
        Assert.Equal(0, classifier.call(zeros(2, 5)).abs().sum().item<float>());
        Assert.Throws<ArgumentException>(() => classifier.call(zeros(2, 4)));
        classifier.to(float16);
        Assert.Equal(0, classifier.call(zeros(2, 5, float16)).to(float32).abs().sum().item<float>());
        Assert.True(classifier.call(rows.to(float16)).to(float32).allclose(scores, 1e-2, 1e-2));
    }

    [Fact]
    public void OpposeOverEntropy_Training_TakesAStepOfItsOwn()
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();

        var training = new NetworkTraining(extractor, predictor).Minimize(new CrossEntropy()).OpposeOverEntropy();

        Assert.Equal(2, training.Phases.Count);
        Assert.Equal([extractor, predictor], training.Phases[1].Moved);
        Assert.Equal(0.1, training.Phases[1].Objectives.Single().Weight.At(0.5));
    }

    public void Dispose() => scope.Dispose();
}
