using TransferLearning.Adversarial;
using TransferLearning.Instance;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Instance;

public sealed class ExampleTransferTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Of_SomeScores_IsTheLossOfTheLeakySoftmax()
    {
        var (source, target) = (Waves.Rows(5, 3, 1), Waves.Rows(4, 3, 2));
        var labels = tensor(new long[] { 0, 2, 1, 1, 0 });
        var weights = tensor(new[] { 0.5, 1.5, 1, 1, 1 });
        static Tensor Leaky(Tensor scores) => scores.exp() / (scores.exp().sum(1, keepdim: true) + 3);
        var (p, y) = (Leaky(source), nn.functional.one_hot(labels, 3).to(float64));
        var (ofSource, ofTarget) = (p.sum(1), Leaky(target).sum(1));
        var classes = -((y * p.log()) + ((1 - y) * (1 - p).log())).sum(1);
        var expected = (weights * (classes - (4 * ofSource.log()))).mean() - (4 * (1 - ofTarget).log()).mean();

        var value = ExampleTransfer.Of(source, target, labels, 4, weights);

        Assert.Equal(expected.item<double>(), value.item<double>(), 1e-12);
        Assert.Equal(value.item<double>(), ExampleTransfer.Of(source, target, y, 4, weights).item<double>(), 1e-12);
    }

    [Fact]
    public void Of_ScoresThatOverflow_IsFiniteWithFiniteSlopes()
    {
        var scores = tensor(
                new[,]
                {
                    { 900f, -900 },
                    { -900, -900 },
                    { 900, 900 },
                }
            )
            .requires_grad_();

        var value = ExampleTransfer.Of(scores, scores, tensor(new long[] { 1, 0, 1 }));

        Assert.True(value.isfinite().item<bool>());
        Assert.True(autograd.grad([value], [scores])[0].isfinite().all().item<bool>());
    }

    [Fact]
    public void Judge_OfTheLeakyCritic_IsTheLogitOfTheClassesTogether()
    {
        var critic = new LeakyCritic(nn.Identity().AsPart());
        var scores = Waves.Rows(5, 3, 1);
        var share = scores.exp().sum(1) / (scores.exp().sum(1) + 3);

        Assert.True(critic.Judge(scores).sigmoid().allclose(share, 1e-12, 1e-12));
    }

    [Fact]
    public void Evaluate_Slopes_ReachTheAuxiliaryClassifierAlone()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var auxiliary = Toy.Predictor();

        var value = new ExampleTransfer(auxiliary).Evaluate(Toy.Step(extractor, predictor));
        value.backward();

        Assert.NotNull(auxiliary.Module.parameters().First().grad);
        Assert.Null(extractor.Module.parameters().First().grad);
        using var narrow = Toy.Predictor(classes: 3);
        Assert.Contains(
            "end it with 2 outputs",
            Assert
                .Throws<ArgumentException>(() => new ExampleTransfer(narrow).Evaluate(Toy.Step(extractor, predictor)))
                .Message,
            StringComparison.Ordinal
        );
    }

    // The source has four clouds, the target the first two of them, turned.
    [Fact]
    public void Etn_OnATargetOfTwoOfFourClasses_ReadsMoreThanTheUnweightedAdversary()
    {
        var plain = Read((extractor, predictor) => Recipes.Dann(extractor, predictor, Toy.Critic()));
        var weighted = Read(
            (extractor, predictor) =>
                Recipes.Etn(
                    extractor,
                    predictor,
                    Toy.Critic(),
                    Toy.Predictor(classes: 4),
                    reversal: Schedule.SigmoidRamp() // that of the adversary alone
                )
        );

        Assert.True(weighted > plain + 0.05, $"weighted {weighted:P1}, not {plain:P1}");
    }

    public void Dispose() => scope.Dispose();

    internal static double Read(Func<ModulePart, ModulePart, AdaptationBuilder> recipe)
    {
        var sum = 0.0;
        foreach (var seed in new[] { 1, 2, 3 })
        {
            Toy.SeedModules(seed);
            using var extractor = Toy.Extractor();
            using var predictor = Toy.Predictor(classes: 4);
            var (inputs, labels) = Toy.Clouds(400, 2, classes: 4, angle: 0.5);
            var few = labels.lt(2).nonzero().squeeze(1);
            using var model = recipe(extractor, predictor)
                .Fit(
                    Toy.Source(classes: 4),
                    new UnlabeledDomain(inputs.index_select(0, few)),
                    new FitOptions
                    {
                        Training = new TrainingOptions
                        {
                            Steps = 300,
                            Optimizer = parameters => optim.Adam(parameters, 0.01),
                        },
                    }
                );
            using var classes = model.PredictClasses(inputs.index_select(0, few));
            sum += Evaluation.AccuracyInterval.Of(classes, labels.index_select(0, few)).Value;
        }
        return sum / 3;
    }
}
