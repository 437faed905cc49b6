using TorchSharp.Modules;
using TransferLearning.Objectives;
using TransferLearning.SelfSupervision;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.SelfSupervision;

/// <summary>Codes that use all prototypes alike, and views that tell them (SwAV).</summary>
public sealed class SwappedAssignmentTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Codes_OfRowsThatMirrorEachOther_AreTheirSoftmax()
    {
        // exp(s / epsilon) is [[e, 1], [1, e]]: rows and columns sum to the same already.
        var codes = SwappedAssignment.Codes(
            tensor(new[] { 0.5, 0, 0, 0.5 }).reshape(2, 2),
            epsilon: 0.5,
            iterations: 1
        );

        var (large, small) = (Math.E / (Math.E + 1), 1 / (Math.E + 1));
        Assert.True(codes.allclose(tensor(new[] { large, small, small, large }).reshape(2, 2), 1e-12));
    }

    [Fact]
    public void Codes_OfOneRound_AreColumnsThenRowsScaled()
    {
        // exp(s) = [[2, 1], [4, 1]]; columns to 1: [[1/3, 1/2], [2/3, 1/2]]; rows to 1: [[2/5, 3/5], [4/7, 3/7]].
        var scores = tensor(new[] { 2.0, 1, 4, 1 }).reshape(2, 2).log().requires_grad_();

        var codes = SwappedAssignment.Codes(scores, epsilon: 1, iterations: 1);

        Assert.True(codes.allclose(tensor(new[] { 0.4, 0.6, 4.0 / 7, 3.0 / 7 }).reshape(2, 2), 1e-12));
        Assert.False(codes.requires_grad);
        // After many rounds each prototype has as much of the rows; with the authors' epsilon of 0.05 nothing
        // overflows.
        var many = SwappedAssignment.Codes(Waves.Rows(12, 4, 1) * 100, 0.05, 5000);
        Assert.True(many.sum(1).allclose(ones(12, float64), 1e-9));
        var soft = SwappedAssignment.Codes(Waves.Rows(12, 4, 1), 0.5, 500);
        Assert.True(soft.sum(dim: 0).allclose(full(4, 3.0, float64), 1e-6));
    }

    [Fact]
    public void Of_Codes_IsTheirCrossEntropy()
    {
        var (scores, codes) = (Waves.Rows(3, 4, 1).requires_grad_(), Waves.Rows(3, 4, 2).softmax(1).requires_grad_());

        var loss = SwappedAssignment.Of(scores, codes, 0.2);

        var sum = 0.0;
        for (var i = 0; i < 3; i++)
        {
            double Exp(int k) => Math.Exp(scores[i, k].item<double>() / 0.2);
            var all = Enumerable.Range(0, 4).Sum(Exp);
            sum -= Enumerable.Range(0, 4).Sum(k => codes[i, k].item<double>() * Math.Log(Exp(k) / all));
        }
        Assert.Equal(sum / 3, loss.item<double>(), 1e-12);
        loss.backward();
        Assert.True(codes.grad is null);
    }

    [Fact]
    public void Evaluate_WithACrop_IsTheMeanOverTheOtherViewsOfBothCodes()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var head = new ModulePart(() => nn.Linear(8, 3));
        using var prototypes = new ModulePart(() => nn.Linear(3, 4, hasBias: false));
        var (twice, half) = (new Scaled(2), new Scaled(0.5f));
        var term = new SwappedAssignment(head, prototypes, new Scaled(1), twice)
        {
            Crops = [half],
            Domains = ViewedDomains.Target,
        };
        var step = Toy.Step(extractor, predictor);

        var value = term.Evaluate(step).item<float>();

        Tensor Scores(float scale)
        {
            var z = head.Predict(extractor.Extract(step.Target.Inputs * scale));
            return prototypes.Predict(z / z.norm(1, keepdim: true));
        }
        var views = new[] { Scores(1), Scores(2), Scores(0.5f) };
        var sum = new[] { (0, 1), (0, 2), (1, 0), (1, 2) }
            .Select(pair => SwappedAssignment.Of(views[pair.Item2], SwappedAssignment.Codes(views[pair.Item1])))
            .Aggregate((all, next) => all + next);
        Assert.Equal((sum / 4).item<float>(), value, 1e-5f);
    }

    [Fact]
    public void Training_HoldsThePrototypesAtFirstAndKeepsThemOfLengthOne()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var head = new ModulePart(() => nn.Linear(8, 3));
        using var prototypes = new ModulePart(() => nn.Linear(3, 4, hasBias: false));
        var weight = ((Linear)prototypes.Module).weight!;
        var seen = new List<Tensor>();

        new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .SelfSupervise(new SwappedAssignment(head, prototypes, new Noise(0.2)) { HeldShare = 0.5 })
            )
            .Fit(
                Toy.Source(),
                Toy.LabeledTarget().WithoutLabels(),
                new FitOptions
                {
                    Training = new TrainingOptions { Steps = 8 },
                    Observers = [new Looking(() => seen.Add(weight.detach().clone().DetachFromDisposeScope()))],
                }
            )
            .Dispose();

        Assert.All(seen, some => Assert.True(some.norm(1).allclose(ones(4), 1e-5)));
        Assert.True(seen[3].allclose(seen[0], 1e-6));
        Assert.False(seen[7].allclose(seen[0], 1e-4));
    }

    [Fact]
    public void Queue_OnceFull_ChangesCodesAndIsInCheckpoints()
    {
        using var folder = new TemporaryFolder();
        var checkpoints = new CheckpointOptions(folder.File("checkpoints")) { EverySteps = 5 };
        byte[]? Run(int queue, CheckpointOptions? to = null, int? stopAfter = null)
        {
            Toy.SeedModules(3);
            using var head = new ModulePart(() => nn.Linear(8, 3));
            using var prototypes = new ModulePart(() => nn.Linear(3, 5, hasBias: false));
            var term = new SwappedAssignment(head, prototypes, new Noise(0.2))
            {
                Queue = queue,
                QueueFrom = 0,
                HeldShare = 0,
            };
            return InterruptedTraining.Run(term, to, stopAfter);
        }

        var expected = Run(60);
        Assert.NotEqual(Run(0), expected);
        Assert.Null(Run(60, checkpoints, stopAfter: 13));
        Assert.Equal(expected, Run(60, checkpoints with { Resume = ResumeMode.Required }));
    }

    [Fact]
    public void Prototypes_ThatAreNoLinearLayerWithoutBias_AreRefused()
    {
        using var head = new ModulePart(() => nn.Linear(8, 3));
        using var biased = new ModulePart(() => nn.Linear(3, 4));
        using var deep = new ModulePart(() => nn.Sequential(nn.Linear(3, 4, hasBias: false)));

        foreach (var wrong in new[] { biased, deep })
        {
            var fault = Assert.Throws<ArgumentException>(
                "prototypes",
                () => new SwappedAssignment(head, wrong, new Noise(0.1))
            );
            Assert.Contains("hasBias: false", fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Fit_WithAHeadOfAnotherWidth_OrInHalfPrecision_SaysSoOrTrains()
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var head = new ModulePart(() => nn.Linear(8, 3));
        AdaptedModel Fitted(long width, Precision precision)
        {
            using var prototypes = new ModulePart(() => nn.Linear(width, 4, hasBias: false));
            var fitted = new AdaptationBuilder()
                .Train(
                    extractor,
                    predictor,
                    net =>
                        net.Minimize(new CrossEntropy())
                            .SelfSupervise(new SwappedAssignment(head, prototypes, new Noise(0.1)) { HeldShare = 0 })
                )
                .Fit(
                    Toy.Source(rows: 24),
                    Toy.LabeledTarget(rows: 24).WithoutLabels(),
                    new FitOptions
                    {
                        Training = new()
                        {
                            Steps = 4,
                            BatchSize = 8,
                            Precision = precision,
                        },
                    }
                );
            var lengths = ((Linear)prototypes.Module).weight!.norm(1);
            Assert.True(lengths.allclose(ones_like(lengths)));
            return fitted;
        }

        var fault = Assert.Throws<InvalidAdaptationException>(() => Fitted(5, Precision.AsData));
        Assert.Contains("prototypes must take what the head gives, 3", fault.Message, StringComparison.Ordinal);
        using var model = Fitted(3, Precision.BFloat16);
        Assert.True(model.Predict(Toy.Source(rows: 8).Inputs).isfinite().all().item<bool>());
    }

    public void Dispose() => scope.Dispose();

    private sealed class Scaled(float factor) : IAugmentation
    {
        public Tensor Apply(Tensor inputs, RandomKey key) => inputs * factor;
    }

    private sealed class Looking(Action look) : ITrainingObserver
    {
        public void OnStep(StepReport report) => look();
    }
}
