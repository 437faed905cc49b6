using TransferLearning.Objectives;
using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Settings;

public sealed class NeighborhoodReciprocityTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Of_SomeRows_IsTheProductWithNeighborsAndTheirNeighbors()
    {
        // By angle: 0 and 1 are each other's nearest; 3's nearest is 2, whose nearest is 1, whose nearest is 0.
        double[] angles = [0, 0.1, 0.5, 1.2];
        var memory = stack([tensor(angles).cos(), tensor(angles).sin()], 1);
        var p = tensor(
            new[,]
            {
                { 0.9, 0.1 },
                { 0.8, 0.2 },
                { 0.3, 0.7 },
                { 0.4, 0.6 },
            }
        );
        var term = new NeighborhoodReciprocity
        {
            Neighbors = 1,
            Expanded = 1,
            Affinity = 0.25,
            Epsilon = 0,
        };
        var rows = tensor(new[] { 0L, 3 });
        double Dot(int i, int j) => (p[i] * p[j]).sum().item<double>();

        var value = term.Of(memory.index_select(0, rows) * 3, p.index_select(0, rows).log(), rows, memory, p);

        var first = Dot(1, 0) + (0.25 * Dot(0, 0)); // mutual; its neighbor's nearest is itself
        var second = (0.25 * Dot(2, 3)) + (0.25 * Dot(1, 3));
        var mean = (p[0] + p[3]) / 2;
        var diversity = (mean * mean.log()).sum().item<double>();
        Assert.Equal(diversity - ((first + second) / 2), value.item<double>(), 1e-12);
    }

    [Fact]
    public void Of_MoreRowsThanARunHolds_IsThatOfAllAtOnce()
    {
        const int Rows = 3000;
        using var generator = new Generator(5);
        var memory = nn.functional.normalize(randn([Rows, 4], float64, generator: generator), 2, 1);
        var p = randn([Rows, 3], float64, generator: generator).softmax(1);
        var rows = arange(0, Rows, 40);
        var (batch, logits) = (memory.index_select(0, rows), randn([rows.shape[0], 3], float64, generator: generator));
        var term = new NeighborhoodReciprocity { Epsilon = 0 };
        Tensor Nearest(Tensor places) =>
            memory
                .index_select(0, places)
                .matmul(memory.t())
                .scatter(1, places.unsqueeze(1), full([places.shape[0], 1], -2.0, float64))
                .topk(5, 1)
                .indexes;

        var value = term.Of(batch, logits, rows, memory, p);

        var near = Nearest(rows);
        var beyond = Nearest(near.reshape(-1)).reshape(near.shape[0], 5, 5);
        var isMutual = beyond.eq(rows.reshape(-1, 1, 1)).any(2).to(float64);
        Tensor Of(Tensor places) => p.index_select(0, places.reshape(-1)).reshape([.. places.shape, 3]);
        var affinity = isMutual + ((1 - isMutual) * 0.1);
        var wanted = (Of(near) * affinity.unsqueeze(2)).sum([1L]) + (Of(beyond).sum([1L, 2L]) * 0.1);
        var shares = logits.softmax(1);
        var mean = shares.mean([0L]);
        var expected = (mean * mean.log()).sum() - (wanted * shares).sum(1).mean();
        Assert.Equal(expected.item<double>(), value.item<double>(), 1e-12);
    }

    [Fact]
    public void Of_Slopes_ReachTheScoresAlone()
    {
        var memory = nn.functional.normalize(randn(12, 3, generator: new Generator(3)), 2, 1);
        var batch = memory.narrow(0, 0, 4).clone().requires_grad_();
        var scores = randn(4, 2, generator: new Generator(4)).requires_grad_();

        var value = new NeighborhoodReciprocity().Of(batch, scores, arange(4), memory, ones(12, 2) / 2);
        value.backward();

        Assert.True(scores.grad!.isfinite().all().item<bool>());
        Assert.Null(batch.grad);
    }

    [Fact]
    public void Evaluate_WithDropoutAtWork_SeeksNeighborsWithoutIt()
    {
        Toy.SeedModules(6);
        using var extractor = Toy.Extractor(dropout: 0.5);
        using var predictor = Toy.Predictor();
        extractor.Module.train();
        var step = Toy.Step(extractor, predictor);
        var term = new NeighborhoodReciprocity { Neighbors = 2 };

        var value = term.Evaluate(step);

        Assert.All(extractor.Module.modules(), module => Assert.True(module.training));
        var struck = step.Scores(step.Target); // the pass that the term has differentiated
        extractor.Module.eval();
        var features = extractor.Extract(step.Target.Inputs);
        var (unit, classes) = (nn.functional.normalize(features, 2, 1), predictor.Predict(features).softmax(1));
        var expected = term.Of(features, struck, arange(6), unit, classes);
        Assert.Equal(expected.item<float>(), value.item<float>(), 1e-6f);
        var noisy = nn.functional.normalize(step.Features(step.Target), 2, 1);
        var other = term.Of(noisy, struck, arange(6), noisy, struck.softmax(1));
        Assert.NotEqual(other.item<float>(), value.item<float>(), 1e-4f);
    }

    [Fact]
    public void Fit_StoppedAndResumed_GivesTheBitsOfAnUninterruptedRun()
    {
        using var folder = new TemporaryFolder();
        var checkpoints = new CheckpointOptions(folder.Path) { EverySteps = 1 };
        var expected = InterruptedTraining.Run(new NeighborhoodReciprocity());

        Assert.Null(InterruptedTraining.Run(new NeighborhoodReciprocity(), checkpoints, stopAfter: 13));
        var resumed = InterruptedTraining.Run(
            new NeighborhoodReciprocity(),
            checkpoints with
            {
                Resume = ResumeMode.Required,
            }
        );

        Assert.Equal(expected, resumed);
        Assert.NotEqual(InterruptedTraining.Run(null), expected);
    }

    [Fact]
    public void FitSourceFree_OfATrainedNetwork_ReadsTheTargetBetter()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var (inputs, labels) = Toy.Clouds(400, 2, angle: 1.1, offset: 0.3);
        var target = new LabeledDomain(inputs, labels, space: LabelSpace.Classes(2));
        var options = new FitOptions
        {
            Training = new TrainingOptions
            {
                Steps = 100,
                BatchSize = 64,
                Optimizer = p => optim.Adam(p, 0.01),
            },
        };
        double Accuracy(AdaptedModel model) =>
            Evaluation.AccuracyInterval.Of(model.PredictClasses(inputs), labels).Value;
        using var trained = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
            .FitWithoutTarget([Toy.Source()], options);
        var before = Accuracy(trained);

        using var model = Recipes
            .Nrc(extractor, predictor)
            .FitSourceFree(target.WithoutLabels(), trained.Space!.Value, options);

        Assert.InRange(before, 0.7, 0.97);
        Assert.True(Accuracy(model) > before + 0.02, $"{before} before, {Accuracy(model)} after");
    }

    public void Dispose() => scope.Dispose();
}
