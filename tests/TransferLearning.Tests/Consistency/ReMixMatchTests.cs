using TransferLearning.Consistency;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Consistency;

/// <summary>ReMixMatch and the noisy student.</summary>
public sealed class ReMixMatchTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void ReMixMatch_Aligned_HasTheWantedSharesWhereAllRowsAreAlike()
    {
        var p = tensor(
            new double[,]
            {
                { 0.8, 0.2 },
                { 0.5, 0.5 },
            }
        );
        var (shares, average) = (tensor(new[] { 0.3, 0.7 }), tensor(new[] { 0.8, 0.2 }));

        var aligned = ReMixMatch.Aligned(p, shares, average);

        Assert.Equal([0.3, 0.7], aligned[0].data<double>().Select(it => Math.Round(it, 12)));
        var (first, second) = (0.5 * 0.3 / 0.8, 0.5 * 0.7 / 0.2);
        Assert.Equal(first / (first + second), aligned[1, 0].item<double>(), 1e-12);
        Assert.True(ReMixMatch.Aligned(p, average, average).allclose(p));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ReMixMatch_OfAStep_IsTheSumOfItsThreeTerms(bool mixesWeakLabeled)
    {
        Toy.SeedModules(5);
        var (extractor, predictor) = (Toy.Extractor(), Toy.Predictor());
        var term = new ReMixMatch(new Shift(0.5), new Shift(-0.25)) { Views = 1, MixesWeakLabeled = mixesWeakLabeled };

        var value = term.Evaluate(Step(extractor, predictor, 0.5)).item<float>();
        var early = term.Evaluate(Step(extractor, predictor, 0)).item<float>();

        var step = Step(extractor, predictor, 0.5);
        Tensor Scores(Tensor rows) => predictor.Predict(extractor.Extract(rows));
        var (labeled, target) = (step.Sources[0].Inputs + (mixesWeakLabeled ? -0.25 : 0.5), step.Target.Inputs);
        var guess = Scores(target - 0.25).softmax(1).square();
        guess /= guess.sum(1, keepdim: true);
        var inputs = cat([labeled, target + 0.5, target - 0.25]);
        var labels = cat([nn.functional.one_hot(step.Sources[0].Labels, 2).to(float32), guess, guess]);
        _ = (step.NextKey(), step.NextKey(), step.NextKey()); // the views' draws
        var key = step.NextKey();
        using var generator = key.Child(0).Generator();
        var partners = randperm(16, generator: generator);
        var random = key.Child(1).Random();
        double[] drawn =
        [
            .. Enumerable.Range(0, 16).Select(_ => MathNet.Numerics.Distributions.Beta.Sample(random, 0.75, 0.75)),
        ];
        var share = tensor(drawn.Select(one => Math.Max(one, 1 - one)).ToArray(), float32).unsqueeze(1);
        var mixed = (inputs * share) + (inputs.index_select(0, partners) * (1 - share));
        // Each of the two costs its own share by its own weight; a guess weighs 1.
        var scores = Scores(mixed);
        var own = share.squeeze(1) * cat([step.Sources[0].Weights!, ones(12)]);
        var other = (1 - share.squeeze(1)) * cat([step.Sources[0].Weights!, ones(12)]).index_select(0, partners);
        var costs =
            (CrossEntropy.PerRow(scores, labels) * own)
            + (CrossEntropy.PerRow(scores, labels.index_select(0, partners)) * other);
        var (ofLabels, ofGuesses) = (costs.narrow(0, 0, 4).mean(), costs.narrow(0, 4, 12).mean());
        var ofStrong = CrossEntropy.Of(Scores(target + 0.5), guess);
        Assert.Equal((ofLabels + (ofGuesses * 1.5) + (ofStrong * 0.5)).item<float>(), value, 1e-5f);
        Assert.Equal(ofLabels.item<float>(), early, 1e-5f);
    }

    [Fact]
    public void ReMixMatch_Training_KnowsTheLabelsSharesByWeightAndFollowsThePredictions()
    {
        Toy.SeedModules(5);
        var term = new ReMixMatch(new Noise(0.1)) { Momentum = 0.5 };
        var source = Toy.Source(rows: 40);
        source = source.WithWeights(source.Labels.to(float32).mul(2).add(1)); // class 1 weighs three times as much
        var seen = new State(term);

        new AdaptationBuilder()
            .Train(Toy.Extractor(), Toy.Predictor(), net => net.Minimize(term).Use(seen))
            .Fit(
                source,
                Toy.LabeledTarget(rows: 20).WithoutLabels(),
                new FitOptions { Training = new TrainingOptions { Steps = 2 } }
            )
            .Dispose();

        Assert.Equal([0.25, 0.75], seen.Shares);
        Assert.Equal(1, seen.Means.Sum(), 1e-6);
        Assert.DoesNotContain(0.5, seen.Means);
    }

    [Fact]
    public void ReMixMatch_OverSteps_AlignsByTheMeansOfWhatTheStepsHaveRead()
    {
        double[,] source =
        {
            { 1, 0 },
            { 0, 1 },
        };
        double[,] target =
        {
            { 2, 0 },
            { 0, 1 },
        };
        var term = new ReMixMatch(new LogitSteps.Scaled(2), new LogitSteps.Scaled(0.5)) { Window = 3 };
        var step = LogitSteps.Of(source, target);
        var view = LogitSteps.View(step) with
        {
            Domains = new DomainSet(
                [new LabeledDomain(tensor(source), arange(2, dtype: int64))],
                new UnlabeledDomain(tensor(target))
            ),
        };

        term.OnStart(view);
        term.Evaluate(step);
        term.OnStepped(view, step);
        using var means = LogitSteps.Kept(term, "means");
        using var shares = LogitSteps.Kept(term, "shares");
        term.OnEnd();

        // Logits 1 and -0.5 apart.
        var read = ((1 / (1 + Math.Exp(-1))) + (1 / (1 + Math.Exp(0.5)))) / 2;
        Assert.Equal([0.5, 0.5], shares.data<double>().ToArray());
        var expected = tensor(
            new double[,]
            {
                { 0.5, 0.5 },
                { 0.5, 0.5 },
                { read, 1 - read },
            }
        );
        Assert.True(means.allclose(expected, 1e-12, 1e-12));
    }

    [Fact]
    public void ReMixMatch_StoppedAndResumed_EndsWithTheSameBits()
    {
        static ReMixMatch Term() => new(new Noise(0.3), new Noise(0.1)) { Momentum = 0.9 };
        using var folder = new TemporaryFolder();
        var checkpoints = new CheckpointOptions(folder.Path) { EverySteps = 1 };

        var expected = InterruptedTraining.Run(Term());
        Assert.Null(InterruptedTraining.Run(Term(), checkpoints, stopAfter: 13));
        var resumed = InterruptedTraining.Run(Term(), checkpoints with { Resume = ResumeMode.Required });

        Assert.Equal(expected, resumed);
    }

    [Fact]
    public void NoisyStudent_OfLogits_CountsSureRowsOfTheTeacher()
    {
        using var generator = new RandomKey(3).Generator();
        var student = randn([6, 3], dtype: float64, generator: generator);
        var teacher = randn([6, 3], dtype: float64, generator: generator) * 2;

        var soft = NoisyStudent.Of(student, teacher, threshold: 0.7).item<double>();
        var hard = NoisyStudent.Of(student, teacher, threshold: 0.7, isHard: true).item<double>();

        var p = teacher.softmax(1);
        var kept = p.amax([1L]).ge(0.7).to(float64);
        Assert.InRange(kept.sum().item<double>(), 1.0, 5.0);
        var losses = (p * student.log_softmax(1)).sum(1).neg();
        Assert.Equal((losses * kept).mean().item<double>(), soft, 1e-12);
        var classes = student.log_softmax(1).gather(1, teacher.argmax(1, keepdim: true)).squeeze(1).neg();
        Assert.Equal((classes * kept).mean().item<double>(), hard, 1e-12);
    }

    [Fact]
    public void NoisyStudent_OfAStep_LearnsFromTheTeachersPlainRows()
    {
        Toy.SeedModules(5);
        var (extractor, predictor) = (Toy.Extractor(), Toy.Predictor());
        var (teacher, head) = (Toy.Extractor(), Toy.Predictor());
        var step = Step(extractor, predictor, 0.5);

        var value = new NoisyStudent(teacher, head, new Shift(0.5)) { Threshold = 0 }.Evaluate(step);

        var rows = step.Target.Inputs;
        var expected = NoisyStudent.Of(
            predictor.Predict(extractor.Extract(rows + 0.5)),
            head.Predict(teacher.Extract(rows)),
            0
        );
        Assert.Equal(expected.item<float>(), value.item<float>(), 1e-6f);
        value.backward();
        Assert.All(teacher.Module.parameters(), parameter => Assert.Null(parameter.grad));
    }

    public void Dispose() => scope.Dispose();

    private static StepContext Step(IFeatureExtractor extractor, ILabelPredictor predictor, double progress)
    {
        var domain = Toy.Source(rows: 4, seed: 20);
        var weights = tensor(new[] { 0.5f, 1, 1, 1.5f });
        var rows = arange(4, dtype: int64);
        var source = new LabeledBatch(domain.Inputs, domain.Labels, DomainId.Source(0), rows, weights, domain.Space);
        var target = new UnlabeledBatch(Toy.LabeledTarget(rows: 6).Inputs, DomainId.Target, arange(6, dtype: int64));
        return StepContext.For(new StepBatch([source], target), extractor, predictor, progress);
    }

    private sealed class Shift(double by) : IAugmentation
    {
        public Tensor Apply(Tensor inputs, RandomKey key) => inputs + by;
    }

    private sealed class State(ICheckpointed term) : ITrainingHook
    {
        public double[] Shares { get; private set; } = [];

        public double[] Means { get; private set; } = [];

        public void OnStepped(TrainingView view, StepContext step)
        {
            using var shares = LogitSteps.Kept(term, "shares");
            using var means = LogitSteps.Kept(term, "means");
            (Shares, Means) = ([.. shares.data<double>()], [.. means.data<double>()]);
        }

        public void Exchange(StateBag state) { }
    }
}
