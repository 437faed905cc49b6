using TransferLearning.Evaluation;
using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.SelfTraining;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>Residual transfer networks: the source's classifier, fused features, the recipe (RTN).</summary>
public sealed class ResidualTransferTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Fused_TwoRows_AreAllProductsOrTheLargestOfEachSquare()
    {
        var features = tensor(new double[] { 1, 2, -3, 4 }).reshape(1, 4);
        var scores = tensor(new double[] { 5, 6, 7 }).reshape(1, 3);

        var all = FusedAlignment.Of(features, scores);
        var largest = FusedAlignment.Of(features, scores, pooling: 2);

        Assert.Equal([5.0, 6, 7, 10, 12, 14, -15, -18, -21, 20, 24, 28], all.data<double>().ToArray());
        // Features 1, 2 and -3, 4 by scores 5, 6; the third score fills no square.
        Assert.Equal([12.0, 24], largest.data<double>().ToArray());
        Assert.Throws<ArgumentException>("scores", () => FusedAlignment.Of(features, cat([scores, scores])));
        Assert.Throws<ArgumentException>("pooling", () => FusedAlignment.Of(features, scores, pooling: 4));
    }

    // The mean discrepancy of equation 5, sum by sum, with the median of the squared distances of all pairs.
    [Fact]
    public void FusedAlignment_OfAStep_IsThePapersSum()
    {
        Toy.SeedModules(3);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var step = Toy.Step(extractor, predictor);

        var value = new FusedAlignment().Evaluate(step).item<float>();

        double[][] Rows(Tensor inputs)
        {
            var (f, z) = (extractor.Extract(inputs), predictor.Predict(extractor.Extract(inputs)));
            return
            [
                .. Enumerable
                    .Range(0, (int)inputs.shape[0])
                    .Select(i =>
                        Enumerable
                            .Range(0, 16)
                            .Select(k => (double)f[i, k / 2].item<float>() * z[i, k % 2].item<float>())
                            .ToArray()
                    ),
            ];
        }
        static double Distance(double[] a, double[] b) => a.Zip(b, (x, y) => (x - y) * (x - y)).Sum();
        var (s, t) = (Rows(step.Sources[0].Inputs), Rows(step.Target.Inputs));
        double[][] all = [.. s, .. t];
        double[] apart = [.. all.SelectMany((row, i) => all.Skip(i + 1).Select(other => Distance(row, other))).Order()];
        var median = apart[(apart.Length - 1) / 2];
        double Mean(double[][] a, double[][] b) =>
            a.SelectMany(row => b.Select(other => Math.Exp(-Distance(row, other) / median))).Average();
        Assert.Equal(Mean(s, s) + Mean(t, t) - (2 * Mean(s, t)), value, 1e-5);
    }

    [Fact]
    public void ClassifierResidual_OfSetWeights_AddsItsTwoLayers()
    {
        using var residual = new ClassifierResidual(2);
        float[][] values =
        [
            [1, -1, 0.5f, 2],
            [0.5f, -1],
            [2, 0, 1, -1],
            [0.25f, 0],
        ]; // W1, b1, W2, b2
        using (no_grad())
        {
            foreach (var (parameter, value) in residual.parameters().Zip(values))
            {
                parameter.copy_(tensor(value).reshape(parameter.shape));
            }
        }

        var scores = residual.call(tensor(new float[] { 3, 1, -2, 4 }).reshape(2, 2));

        // W1 z + b1: (2.5, 2.5) and (-5.5, 6), rectified; W2 h + b2: (5.25, 0) and (0.25, -6).
        Assert.Equal([8.25f, 1, -1.75f, -2], scores.data<float>().ToArray());
        Assert.Throws<ArgumentException>(() => residual.call(zeros(1, 3)));
    }

    [Fact]
    public void ClassifierResidual_AtFirst_ChangesLittle()
    {
        Toy.SeedModules(4);
        using var residual = new ClassifierResidual(40);

        Assert.All(
            residual.parameters().Where(it => it.dim() == 2),
            weight => Assert.Equal(0.01f, weight.std().item<float>(), 1e-3f)
        );
        Assert.All(
            residual.parameters().Where(it => it.dim() == 1),
            bias => Assert.True(bias.eq(0).all().item<bool>())
        );
        var scores = randn(5, 40);
        Assert.True((residual.call(scores) - scores).abs().max().item<float>() < 0.02);
    }

    [Fact]
    public void ResidualCrossEntropy_ReadsSourcesByTheResidualAndLabeledTargetRowsWithout()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var shift = new ModulePart(() => nn.Linear(2, 2));
        var few = Toy.LabeledTarget(rows: 5);
        var plain = Toy.Step(extractor, predictor);
        LabeledBatch Labeled() =>
            new(few.Inputs, few.Labels, DomainId.Target, arange(5, dtype: int64), null, few.Space);
        var step = StepContext.For(new StepBatch(plain.Sources, plain.Target, Labeled()), extractor, predictor);

        var value = new ResidualCrossEntropy(shift).Evaluate(step).item<float>();

        Tensor Scores(Tensor inputs) => predictor.Predict(extractor.Extract(inputs));
        var ofSource = CrossEntropy.Of(shift.Predict(Scores(plain.Sources[0].Inputs)), plain.Sources[0].Labels);
        var ofTarget = CrossEntropy.Of(Scores(few.Inputs), few.Labels);
        Assert.Equal(((ofSource + ofTarget) / 2).item<float>(), value, 1e-5f);
        using var narrow = new ModulePart(() => nn.Linear(2, 1));
        var fault = Assert.Throws<ArgumentException>(() => new ResidualCrossEntropy(narrow).Evaluate(step));
        Assert.Contains("ClassifierResidual(2)", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Recipe_IsTheThreeTermsAndItsResidualMoves()
    {
        Toy.SeedModules(6);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var residual = new ModulePart(() => new ClassifierResidual(2));
        var before = Toy.Bits(residual);
        var terms = new List<string>();

        using var model = Recipes
            .Rtn(extractor, predictor, residual)
            .Fit(
                Toy.Source(),
                Toy.LabeledTarget().WithoutLabels(),
                new FitOptions
                {
                    Training = new TrainingOptions { Steps = 2 },
                    Observers = [new Names(terms)],
                }
            );

        Assert.Equal(
            [nameof(ResidualCrossEntropy), nameof(FusedAlignment), nameof(EntropyMinimization)],
            terms.Distinct()
        );
        Assert.NotEqual(before, Toy.Bits(residual));
    }

    [Fact]
    public void Recipe_OnATurnedTarget_ReadsMoreThanTheSourceAlone()
    {
        var (inputs, labels) = Toy.Clouds(300, 7, angle: 1.3, offset: 0.5);
        var target = new LabeledDomain(inputs, labels);
        double Read(int seed, bool adapts)
        {
            Toy.SeedModules(seed);
            using var extractor = Toy.Extractor();
            using var predictor = Toy.Predictor();
            using var residual = new ModulePart(() => new ClassifierResidual(2));
            var options = new FitOptions { Seed = 1 };
            Recipes.FineTune(extractor, predictor).FitWithoutTarget([Toy.Source()], options).Dispose();
            using var model = (
                adapts ? Recipes.Rtn(extractor, predictor, residual) : Recipes.FineTune(extractor, predictor)
            ).Fit(Toy.Source(), target.WithoutLabels(), options);
            return AccuracyInterval.Of(model.PredictClasses(target.Inputs), target.Labels).Value;
        }

        double Mean(bool adapts) => new[] { 8, 9 }.Average(seed => Read(seed, adapts));
        var (plain, adapted) = (Mean(false), Mean(true));

        Assert.True(adapted > plain + 0.04, $"RTN reads {adapted:P1}, the source alone {plain:P1}");
    }

    [LongFact]
    public void Recipe_OnOfficeImages_ReadsMoreThanTheSourceAlone()
    {
        LabeledDomain Single(string name)
        {
            var domain = OfficeImages.Domain("squeezenet512_acw.npz", name);
            return new LabeledDomain(domain.Inputs.to(float32) * 10, domain.Labels, space: domain.Space);
        }
        var (source, target) = (Single("amazon"), Single("webcam"));
        var options = new FitOptions
        {
            Seed = 1,
            Training = new TrainingOptions { Steps = 300 },
        };
        double Read(int seed, bool adapts)
        {
            Toy.SeedModules(seed);
            using var extractor = new ModulePart(() => nn.Sequential(nn.Linear(512, 64), nn.ReLU()));
            using var predictor = new ModulePart(() => nn.Linear(64, 10));
            using var residual = new ModulePart(() => new ClassifierResidual(10));
            Recipes.FineTune(extractor, predictor).FitWithoutTarget([source], options).Dispose();
            using var model = (
                adapts ? Recipes.Rtn(extractor, predictor, residual) : Recipes.FineTune(extractor, predictor)
            ).Fit(source, target.WithoutLabels(), options);
            return OfficeImages.Accuracy(model, target);
        }

        double Mean(bool adapts) => new[] { 1, 2, 3 }.Average(seed => Read(seed, adapts));
        var (plain, adapted) = (Mean(false), Mean(true));

        Assert.True(adapted > plain, $"RTN reads {adapted:F1} %, the source alone {plain:F1} %");
    }

    public void Dispose() => scope.Dispose();

    private sealed class Names(List<string> terms) : ITrainingObserver
    {
        public void OnStep(StepReport report) => terms.AddRange(report.Objectives.Select(term => term.Name));
    }
}
