using TransferLearning.Objectives;
using TransferLearning.SelfSupervision;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.SelfSupervision;

public sealed class ContrastTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void NormalizedTemperatureContrast_OfTwoViews_IsThePaperSum()
    {
        var (first, second) = (Random(1, 5, 3), Random(2, 5, 3));

        var loss = NormalizedTemperatureContrast.Of(first, second, 0.4).item<double>();

        var z = cat([first, second]);
        z /= z.norm(1, keepdim: true);
        var sum = 0.0;
        for (var i = 0; i < 10; i++)
        {
            double Similarity(int k) => Math.Exp((z[i] * z[k]).sum().item<double>() / 0.4);
            sum -= Math.Log(Similarity((i + 5) % 10) / Enumerable.Range(0, 10).Where(k => k != i).Sum(Similarity));
        }
        Assert.Equal(sum / 10, loss, 1e-12);
        Assert.Equal(loss, NormalizedTemperatureContrast.Of(second, first * 7, 0.4).item<double>(), 1e-12);
    }

    [Fact]
    public void SupervisedContrast_OfTwoViewsOfEachClass_IsTheContrastOfViews()
    {
        var (first, second) = (Random(3, 6, 4), Random(4, 6, 4));
        var ids = arange(6, dtype: int64);

        var loss = SupervisedContrast.Of(cat([first, second]), cat([ids, ids]), 0.2).item<double>();

        Assert.Equal(NormalizedTemperatureContrast.Of(first, second, 0.2).item<double>(), loss, 1e-12);
    }

    [Fact]
    public void SupervisedContrast_OfRowsWithoutPartners_LeavesThemOut()
    {
        var rows = Random(5, 5, 4).requires_grad_();
        var labels = tensor(new long[] { 0, 0, 1, 2, 2 });

        var loss = SupervisedContrast.Of(rows, labels, 0.5);
        var alone = SupervisedContrast.Of(rows, arange(5, dtype: int64), 0.5);

        var z = rows.detach() / rows.detach().norm(1, keepdim: true);
        double Log(int i, int j)
        {
            double Exp(int k) => Math.Exp((z[i] * z[k]).sum().item<double>() / 0.5);
            return Math.Log(Exp(j) / Enumerable.Range(0, 5).Where(k => k != i).Sum(Exp));
        }
        Assert.Equal(-(Log(0, 1) + Log(1, 0) + Log(3, 4) + Log(4, 3)) / 4, loss.item<double>(), 1e-12);
        Assert.Equal(0, alone.item<double>());
        Assert.True(autograd.grad([loss], [rows])[0].isfinite().all().item<bool>());
        Assert.Equal(0, SupervisedContrast.Of(rows.narrow(0, 0, 1), labels.narrow(0, 0, 1)).item<double>());
        Assert.Equal(
            loss.item<double>() * 3,
            SupervisedContrast.Of(rows, labels, 0.5, full(5, 3, float64)).item<double>(),
            1e-12
        );
    }

    [Fact]
    public void SupervisedContrast_InAStep_IsTheFormulaTimesTheTemperature()
    {
        Toy.SeedModules(5);
        using var head = new ModulePart(() => nn.Linear(8, 3));
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var step = StepContext.For(Batch(), extractor, predictor);
        var labeled = Toy.Source(rows: 6);

        var scaled = new SupervisedContrast(head) { Temperature = 0.2 }
            .Evaluate(step)
            .item<float>();
        var plain = new SupervisedContrast(head) { Temperature = 0.2, IsScaled = false }
            .Evaluate(step)
            .item<float>();

        var formula = SupervisedContrast.Of(head.Predict(extractor.Extract(labeled.Inputs)), labeled.Labels, 0.2);
        Assert.Equal(formula.item<float>(), plain, 1e-6f);
        Assert.Equal(0.2f * plain, scaled, 1e-6f);
    }

    [Fact]
    public void MomentumContrast_OfAQueue_IsCrossEntropyWithTheOwnKeyFirst()
    {
        var (queries, keys, queue) = (
            Random(6, 4, 3).requires_grad_(),
            Random(7, 4, 3).requires_grad_(),
            Random(8, 9, 3)
        );

        var loss = MomentumContrast.Of(queries, keys, queue, 0.3);

        var logits = cat([(queries * keys).sum(1, keepdim: true), queries.matmul(queue.t())], 1) / 0.3;
        var expected = nn.functional.cross_entropy(logits, zeros(4, int64));
        Assert.Equal(expected.item<double>(), loss.item<double>(), 1e-12);
        loss.backward();
        Assert.True(queries.grad!.abs().sum().item<double>() > 0);
        Assert.True(keys.grad is null);
    }

    [Fact]
    public void Enqueued_Keys_PushTheOldestOut()
    {
        var queue = arange(4, dtype: float64).reshape(4, 1);

        var after = MomentumContrast.Enqueued(
            queue,
            tensor(
                new[,]
                {
                    { 10.0 },
                    { 11 },
                }
            )
        );
        var overfull = MomentumContrast.Enqueued(queue, arange(20, 26, dtype: float64).reshape(6, 1));

        Assert.Equal([2.0, 3, 10, 11], after.data<double>().ToArray());
        Assert.Equal([22.0, 23, 24, 25], overfull.data<double>().ToArray());
    }

    [Fact]
    public void Guesses_OfLongGoals_CostTheirDirectionAlone()
    {
        var (guesses, goals) = (Random(9, 6, 3).requires_grad_(), Random(10, 6, 3).requires_grad_());

        var bootstrap = BootstrapLatent.Of(guesses, goals);
        var similarity = SiameseSimilarity.Of(guesses, goals * 5);

        var distance = (guesses / guesses.norm(1, keepdim: true)) - (goals / goals.norm(1, keepdim: true));
        Assert.Equal(distance.square().sum(1).mean().item<double>(), bootstrap.item<double>(), 1e-12);
        Assert.Equal(bootstrap.item<double>(), 2 + (2 * similarity.item<double>()), 1e-12);
        Assert.Equal(-1, SiameseSimilarity.Of(guesses, guesses * 2).item<double>(), 1e-12);
        (bootstrap + similarity).backward();
        Assert.True(guesses.grad!.abs().sum().item<double>() > 0);
        Assert.True(goals.grad is null);
    }

    [Fact]
    public void View_GivenOnce_IsDrawnTwice()
    {
        Toy.SeedModules(5);
        var view = new Kept(new Noise(0.5));
        using var head = new ModulePart(() => nn.Linear(8, 3));
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var step = StepContext.For(Batch(), extractor, predictor);

        _ = new NormalizedTemperatureContrast(head, view) { Domains = ViewedDomains.Target }.Evaluate(step);

        Assert.Equal(2, view.Looks.Count);
        Assert.True((view.Looks[0] - view.Looks[1]).abs().mean().item<float>() > 0.2);
    }

    [Theory]
    [InlineData(ViewedDomains.All)]
    [InlineData(ViewedDomains.Sources)]
    [InlineData(ViewedDomains.Target)]
    public void Objective_OfSomeDomains_LooksAtThemAlone(ViewedDomains domains)
    {
        Toy.SeedModules(5);
        using var head = new ModulePart(() => nn.Linear(8, 3));
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        float Value(Tensor? source = null, Tensor? target = null, Tensor? weights = null)
        {
            var objective = new NormalizedTemperatureContrast(head, new Noise(0), new Noise(0)) { Domains = domains };
            return objective
                .Evaluate(StepContext.For(Batch(source, target, weights), extractor, predictor))
                .item<float>();
        }
        var (source, target) = (Toy.Source(rows: 6, seed: 8).Inputs, Toy.LabeledTarget(rows: 6, seed: 9).Inputs);

        var plain = Value();

        Assert.Equal(domains != ViewedDomains.Target, Math.Abs(plain - Value(source: source)) > 1e-6);
        Assert.Equal(domains != ViewedDomains.Sources, Math.Abs(plain - Value(target: target)) > 1e-6);
        if (domains == ViewedDomains.Target)
        {
            Assert.Equal(plain, Value(weights: ones(6)));
        }
        else
        {
            var fault = Assert.Throws<ArgumentException>(() => Value(weights: ones(6)));
            Assert.Contains("example weights", fault.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("moco")]
    [InlineData("byol")]
    public void Averages_OfAStoppedTraining_GoOnFromTheCheckpoint(string name)
    {
        using var folder = new TemporaryFolder();
        var checkpoints = new CheckpointOptions(folder.File("checkpoints")) { EverySteps = 5 };
        byte[]? Run(CheckpointOptions? to = null, int? stopAfter = null)
        {
            Toy.SeedModules(3);
            using var head = new ModulePart(() => nn.Linear(8, 4));
            using var guess = new ModulePart(() => nn.Linear(4, 4));
            using var average = Toy.Extractor(dropout: 0.3, hasNormalization: true);
            using var ofHead = head.Replica();
            ISelfSupervision objective =
                name == "moco"
                    ? new MomentumContrast(head, average, ofHead, new Noise(0.2)) { Keys = 70, Momentum = 0.9 }
                    : new BootstrapLatent(head, guess, average, ofHead, new Noise(0.2)) { Momentum = 0.9 };
            return InterruptedTraining.Run(objective, to, stopAfter);
        }

        var expected = Run();
        Assert.Null(Run(checkpoints, stopAfter: 13));
        var resumed = Run(checkpoints with { Resume = ResumeMode.Required });

        Assert.Equal(expected, resumed);
        Assert.NotEqual(InterruptedTraining.Run(null), expected);
    }

    [Theory]
    [InlineData("moco")]
    [InlineData("byol")]
    [InlineData("simclr")]
    [InlineData("simsiam")]
    [InlineData("supcon")]
    public void Training_BesideTheLabels_ReadsTheTarget(string name)
    {
        Toy.SeedModules(5);
        var (target, view) = (Toy.LabeledTarget(), new Noise(0.3));
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var head = new ModulePart(() => nn.Linear(8, 4));
        using var guess = new ModulePart(() => nn.Linear(4, 4));
        using var average = extractor.Replica();
        using var ofHead = head.Replica();
        ISelfSupervision objective = name switch
        {
            "moco" => Recipes.Moco(head, average, ofHead, view, keys: 128),
            "byol" => Recipes.Byol(head, guess, average, ofHead, view),
            "simclr" => Recipes.SimClr(head, view),
            "simsiam" => Recipes.SimSiam(head, guess, view),
            _ => Recipes.SupCon(head, view),
        };
        var before = Toy.Bits(head);

        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).SelfSupervise(objective, weight: 0.2))
            .Fit(Toy.Source(), target.WithoutLabels());

        var accuracy = Evaluation.AccuracyInterval.Of(model.PredictClasses(target.Inputs), target.Labels);
        Assert.True(accuracy.Value >= 0.8, $"{name} reads {accuracy} of the target");
        Assert.NotEqual(before, Toy.Bits(head));
    }

    public void Dispose() => scope.Dispose();

    private static StepBatch Batch(Tensor? source = null, Tensor? target = null, Tensor? weights = null)
    {
        var labeled = Toy.Source(rows: 6);
        var rows = arange(6, dtype: int64);
        return new StepBatch(
            [
                new LabeledBatch(
                    source ?? labeled.Inputs,
                    labeled.Labels,
                    DomainId.Source(0),
                    rows,
                    weights,
                    labeled.Space
                ),
            ],
            new UnlabeledBatch(target ?? Toy.LabeledTarget(rows: 6).Inputs, DomainId.Target, rows)
        );
    }

    private static Tensor Random(long seed, long rows, long width)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn([rows, width], dtype: float64, generator: generator);
    }

    private sealed class Kept(IAugmentation view) : IAugmentation
    {
        public List<Tensor> Looks { get; } = [];

        public Tensor Apply(Tensor inputs, RandomKey key)
        {
            Looks.Add(view.Apply(inputs, key));
            return Looks[^1];
        }
    }
}
