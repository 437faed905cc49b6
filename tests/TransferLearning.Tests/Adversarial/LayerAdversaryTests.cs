using TransferLearning.Adversarial;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Adversarial;

public sealed class LayerAdversaryTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly ModulePart lower = new(() => nn.Sequential(nn.Linear(4, 6), nn.Tanh()));
    private readonly ModulePart upper = new(() => nn.Linear(6, 8));
    private readonly ModulePart predictor = Toy.Predictor();
    private readonly ModulePart ofLower = new(() => nn.Linear(6, 1));
    private readonly ModulePart ofUpper = new(() => nn.Linear(8, 1));

    [Fact]
    public void Evaluate_OfTwoLinks_IsTheSumOfTheirLosses()
    {
        var step = Step();
        Tensor Of(ModulePart critic, Func<Tensor, Tensor> layer) =>
            DomainAdversary.Loss(
                critic.Judge(layer(step.Sources[0].Inputs)).reshape(-1),
                critic.Judge(layer(step.Target.Inputs)).reshape(-1)
            );
        var expected = Of(ofLower, lower.Extract) + Of(ofUpper, inputs => upper.Extract(lower.Extract(inputs)));

        var both = new LayerAdversary([ofLower, ofUpper]).Evaluate(step);

        Assert.Equal(expected.item<float>(), both.item<float>(), 1e-5f);
        var last = new LayerAdversary([null, ofUpper], reversal: 0.4).Evaluate(step);
        var dann = new DomainAdversary(ofUpper, reversal: 0.4).Evaluate(step);
        Assert.Equal(dann.item<float>(), last.item<float>(), 1e-5f);
        var moved = lower.Module.parameters().First();
        var slopes = new[] { last, dann }
            .Select(loss => autograd.grad([loss], [moved], retain_graph: true)[0])
            .ToList();
        Assert.True(slopes[0].allclose(slopes[1], 1e-4, 1e-6));
    }

    [Fact]
    public void Evaluate_OfACriticOfTheLowerLink_ReachesThatLinkAlone()
    {
        var loss = new LayerAdversary([ofLower, null], reversal: 1).Evaluate(Step());

        var slopes = autograd.grad(
            [loss],
            [lower.Module.parameters().First(), upper.Module.parameters().First()],
            allow_unused: true
        );

        Assert.True(slopes[0].abs().sum().item<float>() > 0);
        Assert.True(slopes[1] is null or { IsInvalid: true });
    }

    [Fact]
    public void Layers_OfAChain_AreSharedWithTheFeatures()
    {
        using var noisy = new ModulePart(() => nn.Sequential(nn.Linear(6, 8), nn.Dropout(0.5)));
        var step = Toy.Step(ExtractorChain.Of(lower, noisy), predictor);

        var layers = step.Layers(step.Target);

        Assert.Equal([6L, 6L], layers[0].shape);
        Assert.Same(layers[1], step.Features(step.Target));
        Assert.Same(layers[0], step.Layers(step.Target)[0]);
        using (no_grad())
        {
            Assert.True(step.Features(step.Target).Equals(layers[1])); // the same pass, without its graph
            Assert.Same(step.Features(step.Target), step.Features(step.Target));
        }
        var single = Toy.Step(Toy.Extractor(), predictor);
        Assert.Same(single.Features(single.Target), Assert.Single(single.Layers(single.Target)));
    }

    [Theory]
    [InlineData(DomainPasses.Apart)]
    [InlineData(DomainPasses.Joined)]
    public void Fit_OfAChain_EndsWhereOneNetworkDoes(DomainPasses passes)
    {
        Tensor Fitted(Func<ModulePart, ModulePart, IFeatureExtractor> join)
        {
            Toy.SeedModules(5);
            var first = new ModulePart(() => nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Tanh()));
            var second = new ModulePart(() => nn.Linear(6, 8));
            var (head, judge) = (Toy.Predictor(), Toy.Critic());
            using var model = Recipes
                .Dann(join(first, second), head, judge)
                .Fit(
                    Toy.Source(128),
                    Toy.LabeledTarget().WithoutLabels(),
                    new FitOptions
                    {
                        Training = new TrainingOptions
                        {
                            Steps = 6,
                            BatchSize = 32,
                            Passes = passes,
                        },
                    }
                );
            return model.Predict(Toy.LabeledTarget().Inputs);
        }

        var apart = Fitted((first, second) => ExtractorChain.Of(first, second));

        var whole = Fitted(
            (first, second) =>
                nn.Sequential((nn.Module<Tensor, Tensor>)first.Module, (nn.Module<Tensor, Tensor>)second.Module)
                    .AsPart()
        );
        Assert.True(apart.allclose(whole, 1e-4, 1e-5));
    }

    [Fact]
    public void Evaluate_WithoutACriticForEachLink_SaysSo()
    {
        var fault = Assert.Throws<ArgumentException>(() => new LayerAdversary([ofLower]).Evaluate(Step()));

        Assert.Contains("each of the 2 link(s)", fault.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("critics", () => new LayerAdversary([null, null]));
    }

    public void Dispose()
    {
        foreach (var part in new[] { lower, upper, predictor, ofLower, ofUpper })
        {
            part.Dispose();
        }
        scope.Dispose();
    }

    private StepContext Step() => Toy.Step(ExtractorChain.Of(lower, upper), predictor);
}
