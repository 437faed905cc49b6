using TransferLearning.Consistency;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Consistency;

public sealed class SimMatchTests(ITestOutputHelper output) : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Propagated_ClassesAndSimilarities_CorrectEachOther()
    {
        var p = tensor(
            new double[,]
            {
                { 0.8, 0.2 },
            }
        );
        var keys = tensor(
            new double[,]
            {
                { 1, 0 },
            }
        );
        var memory = tensor(
            new double[,]
            {
                { 1, 0 },
                { 0, 1 },
                { 0.6, 0.8 },
            }
        );

        var (classes, similarities) = SimMatch.Propagated(
            p,
            keys,
            memory,
            tensor(new long[] { 1, 0, 0 }),
            temperature: 0.5,
            smoothing: 0.9
        );

        var w = new[] { Math.Exp(2), 1, Math.Exp(1.2) };
        var sum = w.Sum();
        var share = (w[1] + w[2]) / sum; // of class 0 among the near
        Assert.Equal((0.9 * 0.8) + (0.1 * share), classes[0, 0].item<double>(), 1e-12);
        Assert.Equal(1, classes.sum().item<double>(), 1e-12);
        var weighed = new[] { w[0] * 0.2, w[1] * 0.8, w[2] * 0.8 };
        Assert.Equal(
            [.. weighed.Select(one => one / weighed.Sum())],
            similarities.data<double>().ToArray(),
            (a, b) => Math.Abs(a - b) < 1e-12
        );
        Assert.Throws<ArgumentException>(() => SimMatch.Propagated(p, keys, memory, tensor(new long[] { 1, 0 })));
    }

    [Fact]
    public void Propagated_WithAllOfItsOwn_LeavesThePredictions()
    {
        var (p, memory) = (tensor(new[] { 0.8, 0.2 }).unsqueeze(0), eye(2, dtype: float64));

        var (classes, _) = SimMatch.Propagated(
            p,
            memory.narrow(0, 0, 1),
            memory,
            tensor(new long[] { 1, 0 }),
            smoothing: 1
        );

        Assert.Equal([0.8, 0.2], classes.data<double>().ToArray());
    }

    [Fact]
    public void Contrast_OfSimilarities_IsTheirCrossEntropy()
    {
        var (queries, memory) = (Random(1, 4, 3), Random(2, 5, 3));
        var wanted = Random(3, 4, 5).softmax(1);

        var value = SimMatch.Contrast(queries, memory, wanted, 0.3).item<double>();

        var logs = (queries.matmul(memory.t()) / 0.3).log_softmax(1);
        Assert.Equal((wanted * logs).sum(1).mean().item<double>(), -value, 1e-12);
    }

    [Fact]
    public void Training_Memory_HoldsAllLabeledRowsAndFollowsThem()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var head = new ModulePart(() => nn.Linear(8, 3));
        using var keyExtractor = extractor.Replica();
        using var keyPredictor = predictor.Replica();
        using var keyHead = head.Replica();
        var term = new SimMatch(head, keyExtractor, keyPredictor, keyHead, new Noise(0.3)) { Momentum = 0 };
        var seen = new Memories(term);

        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                {
                    net.Main.Move(head);
                    net.Minimize(new CrossEntropy()).Minimize(term, 0.1).Use(seen);
                }
            )
            .FitFewShot(
                Toy.Source(rows: 40),
                Toy.LabeledTarget().WithoutLabels(),
                Toy.LabeledTarget(rows: 8, seed: 9),
                new FitOptions
                {
                    Training = new TrainingOptions { Steps = 2, BatchSize = 10 },
                }
            );

        Assert.All(seen.Rows, memory => Assert.Equal([48, 3], memory.shape));
        Assert.All(seen.Rows, memory => Assert.True(memory.norm(1).allclose(ones(48), 1e-4, 1e-4)));
        // By the third look the averages have followed twice: the rows of the second step have moved, others not.
        var moved = (seen.Rows[2] - seen.Rows[1]).abs().sum(1).gt(1e-7);
        Assert.Equal(10, moved.narrow(0, 0, 40).sum().item<long>());
        Assert.Equal(8, moved.narrow(0, 40, 8).sum().item<long>());
    }

    [Fact]
    public void SimMatch_OnFewLabeledRows_LearnsFromTheOthers()
    {
        var alone = UnevenClouds.AccuracyAlone();
        var with = UnevenClouds.Accuracy(() =>
        {
            var (extractor, predictor) = (Toy.Extractor(), Toy.Predictor(3));
            var head = new ModulePart(() => nn.Linear(8, 8));
            // The paper's weights for small images, and averages for a short training.
            var term = new SimMatch(head, extractor.Replica(), predictor.Replica(), head.Replica(), new Noise(0.3))
            {
                Threshold = 0.9,
                ClassWeight = 1,
                SimilarityWeight = 1,
                Momentum = 0.99,
            };
            return new AdaptationBuilder().Train(
                extractor,
                predictor,
                net =>
                {
                    net.Main.Move(head);
                    net.Minimize(new CrossEntropy()).Minimize(term, Schedule.From(0.3, 1));
                }
            );
        });

        output.WriteLine($"SimMatch {with:P1}, labels alone {alone:P1}");
        Assert.True(with >= alone + 0.01, $"SimMatch {with:P1}, labels alone {alone:P1}");
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Random(long seed, long rows, long width)
    {
        using var generator = new RandomKey(seed).Generator();
        var drawn = randn([rows, width], dtype: float64, generator: generator);
        return drawn / drawn.norm(1, keepdim: true);
    }

    // The memory at the start and after each step, from the term's own state.
    private sealed class Memories(SimMatch term) : ITrainingHook
    {
        public List<Tensor> Rows { get; } = [];

        public void OnStart(TrainingView view) => Look();

        public void OnStepped(TrainingView view, StepContext step) => Look();

        public void Exchange(StateBag state) { }

        private void Look()
        {
            using var bag = StateBag.ForSaving();
            term.Exchange(bag);
            using var loading = bag.Continue();
            Tensor? memory = null;
            loading.Slot("memory", ref memory);
            Rows.Add(memory!);
        }
    }
}
