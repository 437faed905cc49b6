using TransferLearning.Augmentation;
using TransferLearning.Evaluation;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Onnx;
using TransferLearning.Predictors;
using TransferLearning.SelfTraining;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests;

/// <summary>Rows of which each may have any of several labels.</summary>
public sealed class MultiLabelTests(ITestOutputHelper output) : IDisposable
{
    private static readonly string[] Names = ["left", "high", "near"];

    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<ILabelLearner> Learners() =>
        [new NearestNeighbor(5), new DecisionTree { MaxDepth = 3 }, new LinearSupportVectorMachine()];

    [Fact]
    public void Space_OfLabels_IsItsOwnKindAndChecksThem()
    {
        var space = LabelSpace.MultiLabel(Names);

        Assert.True(space.IsMultiLabel && !space.IsClasses && !space.IsValues);
        Assert.Equal("any of 3 labels (left, high, near)", space.ToString());
        Assert.NotEqual(LabelSpace.Values(3), LabelSpace.MultiLabel(3));
        Assert.NotEqual(space, LabelSpace.MultiLabel(3));
        Assert.Equal(space, new LabeledDomain(zeros(4, 2), ones(4, 3), space: space).Space);
        var fault = Assert.Throws<ArgumentException>(() =>
            new LabeledDomain(zeros(4, 2), full([4, 3], 0.5), space: space)
        );
        Assert.Contains("labels must be 0 or 1", fault.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new LabeledDomain(zeros(4, 2), ones(4, 2), space: space));
        Assert.Throws<ArgumentException>(() => new LabeledDomain(zeros(4, 2), zeros(4, int64), space: space));
        Assert.Throws<ArgumentException>(() => LabelSpace.MultiLabel(["a", "a"]));
    }

    [Fact]
    public void BinaryCrossEntropy_OfSomeScores_IsTheMeanOverRowsAndLabels()
    {
        var scores = tensor(
            new[,]
            {
                { 0.3, -1.2 },
                { 2, 0 },
                { -0.4, 0.9 },
            }
        );
        var labels = tensor(
            new[,]
            {
                { 1.0, 0 },
                { 0, 1 },
                { 0.25, 1 },
            }
        );
        var weights = tensor(new[] { 0.5, 1.5, 1 });
        static double Loss(double z, double y) =>
            -(y * Math.Log(1 / (1 + Math.Exp(-z)))) - ((1 - y) * Math.Log(1 / (1 + Math.Exp(z))));
        double[] rows =
        [
            (Loss(0.3, 1) + Loss(-1.2, 0)) / 2,
            (Loss(2, 0) + Loss(0, 1)) / 2,
            (Loss(-0.4, 0.25) + Loss(0.9, 1)) / 2,
        ];

        Assert.Equal(rows.Average(), BinaryCrossEntropy.Of(scores, labels).item<double>(), 1e-12);
        Assert.Equal(
            ((0.5 * rows[0]) + (1.5 * rows[1]) + rows[2]) / 3,
            BinaryCrossEntropy.Of(scores, labels, weights).item<double>(),
            1e-12
        );
        Assert.Throws<ArgumentException>(() => BinaryCrossEntropy.Of(scores, labels.narrow(1, 0, 1)));
    }

    [Fact]
    public void Objectives_OfTheOtherKind_AreRefusedWithTheRightOne()
    {
        var (several, one) = (Rows(40, 1, 0), Toy.Source(rows: 40));
        string Refused(LabeledDomain data, IObjective objective) =>
            Assert.Throws<InvalidAdaptationException>(() => Trained(data, data.WithoutLabels(), objective)).Message;

        Assert.Contains("Use BinaryCrossEntropy", Refused(several, new CrossEntropy()), StringComparison.Ordinal);
        Assert.Contains("Use CrossEntropy", Refused(one, new BinaryCrossEntropy()), StringComparison.Ordinal);
        Assert.Contains(
            "the labels are any of 3 labels",
            Refused(several, new EntropyMinimization()),
            StringComparison.Ordinal
        );
    }

    // scikit-learn 1.2.1, LogisticRegression(C=0.7, tol=1e-14, solver='newton-cg') of each column.
    [Fact]
    public void LogisticRegression_OfSeveralLabels_IsOneRegressionEach()
    {
        var inputs = Waves.Rows(12, 3, 1);
        double[,] given =
        {
            { 1, 1 },
            { 1, 1 },
            { 0, 0 },
            { 1, 0 },
            { 0, 1 },
            { 0, 0 },
            { 1, 0 },
            { 0, 0 },
            { 0, 1 },
            { 1, 1 },
            { 0, 0 },
            { 1, 0 },
        };
        var learner = new LogisticRegression
        {
            InversePenalty = 0.7,
            PenaltyScale = PenaltyScale.Absolute,
            Tolerance = 1e-12,
        };

        using var fitted = (LinearPredictor)
            learner.Fit(new LabeledDomain(inputs, tensor(given), space: LabelSpace.MultiLabel(2)));

        Assert.True(
            fitted.Weight.allclose(
                tensor(
                    new[,]
                    {
                        { -0.38800384046555475, -0.34458854812925066 },
                        { 0.8034789273199682, -0.013206215729293775 },
                        { 0.9064601695387993, 0.32439136190733636 },
                    }
                ),
                1e-6,
                1e-6
            )
        );
        Assert.True(fitted.Bias.allclose(tensor(new[] { -0.08513947467782985, -0.340377814177124 }), 1e-6, 1e-6));
    }

    // Where each row has one label alone, what learns them one by one, or by shares, learns what it learns of classes.
    [Theory]
    [MemberData(nameof(Learners))]
    public void Learner_OfRowsWithOneLabelEach_GivesTheScoresThatItGivesClasses(ILabelLearner learner)
    {
        var (inputs, classes) = Toy.Clouds(60, 4, classes: 3);
        var oneHot = nn.functional.one_hot(classes, 3).to(float32);
        var others = Toy.Clouds(20, 5, classes: 3).Inputs;

        var ofClasses = learner.Fit(new LabeledDomain(inputs, classes));
        var ofLabels = learner.Fit(new LabeledDomain(inputs, oneHot, space: LabelSpace.MultiLabel(3)));

        var (expected, got) = (ofClasses.Predict(others), ofLabels.Predict(others));
        if (ofClasses.ScoreKind == ScoreKind.Votes)
        {
            expected = ofClasses.PredictProbabilities(others);
        }
        Assert.True(got.allclose(expected, 1e-5, 1e-5));
        var shares = ofLabels.ScoreKind == ScoreKind.Logits ? got.sigmoid() : got;
        Assert.True(ofLabels.PredictLabelProbabilities(others).allclose(shares));
        (ofClasses as IDisposable)?.Dispose();
        (ofLabels as IDisposable)?.Dispose();
    }

    [Fact]
    public void Model_OfSeveralLabels_NamesThemAndComesBackFromAFile()
    {
        var source = Rows(200, 1, 0);
        var inputs = Rows(40, 2, 0).Inputs;
        using var model = new AdaptationBuilder()
            .Map(new CorrelationAlignment())
            .Learn(new NearestNeighbor(7))
            .Fit(source, source.WithoutLabels());
        using var file = new TemporaryFolder();
        var path = file.File("labels.model");

        model.Save(path);
        using var loaded = AdaptedModel.Load(path);

        Assert.Equal(source.Space, loaded.Space);
        var probabilities = loaded.PredictProbabilities(inputs);
        Assert.Equal(model.PredictProbabilities(inputs).data<float>().ToArray(), probabilities.data<float>().ToArray());
        var given = loaded.PredictLabels(inputs, 0.4);
        Assert.Equal(probabilities.ge(0.4).data<bool>().ToArray(), given.data<bool>().ToArray());
        Assert.Equal(Names.Where((_, label) => given[0, label].item<bool>()), loaded.PredictLabelNames(inputs, 0.4)[0]);
        var fault = Assert.Throws<InvalidOperationException>(() => loaded.PredictClasses(inputs));
        Assert.Contains("call PredictLabels", fault.Message, StringComparison.Ordinal);
        using var ofClasses = new AdaptationBuilder()
            .Learn(new NearestNeighbor())
            .Fit(Toy.Source(rows: 20), Toy.LabeledTarget(rows: 20).WithoutLabels());
        Assert.Throws<InvalidOperationException>(() => ofClasses.PredictLabels(inputs));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ExportOnnx_OfSeveralLabels_GivesEachOnesProbability(bool isOfTrees)
    {
        var source = Rows(80, 1, 0);
        using var model = new AdaptationBuilder()
            .Learn(isOfTrees ? new DecisionTree { MaxDepth = 3 } : new LogisticRegression())
            .Fit(source, source.WithoutLabels());
        using var folder = new TemporaryFolder();
        var path = folder.File("labels.onnx");

        model.ExportOnnx(path, new OnnxExportOptions { Probabilities = true });

        Assert.True(new FileInfo(path).Length > 0); // the export compares its file's numbers with the model's
        Assert.Throws<NotSupportedException>(() => model.ExportOnnx(path, new OnnxExportOptions { Classes = true }));
    }

    // scikit-learn 1.2.1: average_precision_score, f1_score (micro, macro), hamming_loss, accuracy_score.
    [Fact]
    public void Metrics_OfSomeProbabilities_AreThoseOfScikitLearn()
    {
        var probabilities = tensor(
            new[,]
            {
                { 0.9, 0.2, 0.5 },
                { 0.4, 0.7, 0.5 },
                { 0.6, 0.7, 0.1 },
                { 0.3, 0.1, 0.8 },
                { 0.9, 0.6, 0.3 },
            }
        );
        var labels = tensor(
            new double[,]
            {
                { 1, 0, 1 },
                { 0, 1, 0 },
                { 0, 0, 0 },
                { 1, 0, 1 },
                { 1, 1, 0 },
            }
        );

        var figures = MultiLabelMetrics.Of(probabilities, labels);

        Assert.Equal(0.4, figures.ExactMatch.Value, 1e-12);
        Assert.Equal(0.26666666666666666, figures.HammingLoss, 1e-12);
        Assert.Equal(0.75, figures.MicroF1, 1e-12);
        Assert.Equal(0.7555555555555555, figures.MacroF1, 1e-12);
        Assert.Equal(0.7611111111111111, figures.MeanAveragePrecision, 1e-12);
        Assert.Equal(
            [0.8666666666666667, 0.5833333333333333, 0.8333333333333333],
            figures.Labels.Select(label => label.AveragePrecision),
            (expected, got) => Math.Abs(expected - got) < 1e-12
        );
        Assert.Throws<ArgumentException>(() => MultiLabelMetrics.Of(probabilities, labels * 0.5));
        Assert.Throws<ArgumentException>(() => MultiLabelMetrics.Of(probabilities, labels.narrow(0, 0, 2)));
    }

    [Fact]
    public void MultiKernelDiscrepancy_OnRowsThatMoved_FindsLabelsThatTheSourceAloneMisses()
    {
        var (source, target) = (Rows(400, 1, 0), Rows(400, 2, 1));
        double Ranked(params IObjective[] further)
        {
            using var model = Trained(source, target.WithoutLabels(), [new BinaryCrossEntropy(), .. further]);
            using var probabilities = model.PredictProbabilities(target.Inputs);
            return MultiLabelMetrics.Of(probabilities, target.Labels).MacroF1;
        }

        var (alone, adapted) = (Ranked(), Ranked(new Alignment(new MultiKernelMaximumMeanDiscrepancy())));

        output.WriteLine($"alone {alone:F3}, with the discrepancy {adapted:F3}");
        Assert.True(adapted > alone + 0.05, $"{adapted:F3} with the discrepancy, {alone:F3} without");
        Assert.True(adapted > 0.85, $"{adapted:F3}");
    }

    [Fact]
    public void Mixup_OfSeveralLabels_MixesThem()
    {
        var source = Rows(64, 1, 0);
        using var model = Trained(source, source.WithoutLabels(), [new BinaryCrossEntropy()], new Mixup());

        Assert.True(model.PredictProbabilities(source.Inputs).isfinite().all().item<bool>());
    }

    public void Dispose() => scope.Dispose();

    private static AdaptedModel Trained(LabeledDomain source, UnlabeledDomain target, params IObjective[] objectives) =>
        Trained(source, target, objectives, null);

    private static AdaptedModel Trained(
        LabeledDomain source,
        UnlabeledDomain target,
        IReadOnlyList<IObjective> objectives,
        IBatchTransform? transform
    )
    {
        Toy.SeedModules(3);
        return new AdaptationBuilder()
            .Train(
                Toy.Extractor(),
                Toy.Predictor(classes: 3),
                net =>
                {
                    foreach (var objective in objectives)
                    {
                        net.Minimize(objective);
                    }
                    if (transform is not null)
                    {
                        net.Augment(transform);
                    }
                }
            )
            .Fit(
                source,
                target,
                new FitOptions
                {
                    Training = new TrainingOptions { Steps = 400, Optimizer = it => optim.Adam(it, 0.01) },
                }
            );
    }

    // Each label pushes the rows along a direction of its own; the target's rows have moved.
    private static LabeledDomain Rows(long count, long seed, double shift)
    {
        using var generator = new RandomKey(seed).Generator();
        var labels = rand([count, 3], generator: generator).gt(0.5).to(float32);
        var directions = tensor(
            new float[,]
            {
                { 2, 0, 0, 1 },
                { 0, 2, 1, 0 },
                { 0, 1, -2, 0 },
            }
        );
        var rows = ((labels * 2) - 1).matmul(directions) + (randn([count, 4], generator: generator) * 0.5);
        return new LabeledDomain(rows + (shift * 1.5), labels, space: LabelSpace.MultiLabel(Names));
    }
}
