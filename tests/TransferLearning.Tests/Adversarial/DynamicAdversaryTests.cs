using TransferLearning.Adversarial;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Adversarial;

public sealed class DynamicAdversaryTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Theory]
    [InlineData(new[] { 0.25, 0.0, 0.5 }, 0.5)] // distances 1, and 2 and 0 on average
    [InlineData(new[] { 0.5, 0.5, 0.5 }, 0.5)] // nothing is told apart
    [InlineData(new[] { 0.8, 0.1, 0.1 }, 1.0)] // worse than chance is as chance
    [InlineData(new[] { 0.0, 0.5, 0.4 }, 0.2 / 2.2)]
    public void Balance_OfErrors_IsTheShareOfTheClasses(double[] errors, double expected) =>
        Assert.Equal(expected, DynamicAdversary.Balance(tensor(errors)).item<double>(), 1e-12);

    [Fact]
    public void Error_OfLogits_IsBalanced()
    {
        var source = tensor(new[] { 1.0, 2, -1, 3 }); // one of four wrong
        var target = tensor(new[] { 1.0, -1 }); // one of two

        Assert.Equal((0.25 + 0.5) / 2, DynamicAdversary.Error(source, target).item<double>(), 1e-12);
        Assert.Equal(0.5, DynamicAdversary.Error(zeros(3), zeros(2)).item<double>(), 1e-12);
        Assert.Throws<ArgumentException>("errors", () => DynamicAdversary.Balance(tensor(new[] { 0.5 })));
    }

    [Fact]
    public void Evaluate_BeforeAnyEpoch_HalvesBothParts()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var critic = Toy.Critic();
        using var first = Toy.Critic();
        using var second = Toy.Critic();
        var step = Toy.Step(extractor, predictor);

        var value = new DynamicAdversary(critic, [first, second]).Evaluate(step).item<float>();

        var (source, target) = (step.SourceFeatures(), step.Features(step.Target));
        var (p, q) = (step.Scores(step.Sources[0]).softmax(1), step.Scores(step.Target).softmax(1));
        double Loss(ModulePart judge, Tensor s, Tensor t) =>
            DomainAdversary.Loss(judge.Judge(s).reshape(-1), judge.Judge(t).reshape(-1)).item<float>();
        var local =
            Loss(first, source * p.narrow(1, 0, 1), target * q.narrow(1, 0, 1))
            + Loss(second, source * p.narrow(1, 1, 1), target * q.narrow(1, 1, 1));
        Assert.Equal(0.5 * ((0.05 * Loss(critic, source, target)) + (0.01 * local)), value, 1e-6);
    }

    [Fact]
    public void Evaluate_WithTooFewCritics_SaysHowMany()
    {
        using var critic = Toy.Critic();
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var adversary = new DynamicAdversary(critic, [critic]);

        var fault = Assert.Throws<ArgumentException>(() => adversary.Evaluate(Toy.Step(extractor, predictor)));

        Assert.Contains("each of the 2 classes; got 1", fault.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("classCritics", () => new DynamicAdversary(critic, []));
    }

    public void Dispose() => scope.Dispose();
}
