#pragma warning disable TL1002 // an experimental layer is a layer, too
using System.Text.Json;
using TorchSharp.Modules;
using TransferLearning.Adversarial;
using TransferLearning.Instance;
using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Onnx;
using TransferLearning.Predictors;
using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using TransferLearning.Vision;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Onnx;

/// <summary>Written files give OnnxRuntime the model's own numbers, or are refused by name.</summary>
public sealed class OnnxExportTests : IDisposable
{
    private static readonly Dictionary<string, (Func<nn.Module<Tensor, Tensor>> Make, long[] Row)> Layers = new(
        StringComparer.Ordinal
    )
    {
        ["Linear"] = (() => nn.Linear(4, 3), [4]),
        ["Linear without bias"] = (() => nn.Linear(4, 3, hasBias: false), [4]),
        ["Linear of sequences"] = (() => nn.Linear(4, 3), [5, 4]),
        ["Conv1d"] = (() => nn.Conv1d(3, 4, 3, stride: 2, padding: 1, dilation: 2), [3, 17]),
        ["Conv2d"] = (() => nn.Conv2d(3, 4, 3, stride: 2, padding: 1), [3, 9, 8]),
        ["Conv2d uneven"] = (() => nn.Conv2d(3, 4, (3, 2), (2, 1), (1, 0), (1, 2), bias: false), [3, 9, 8]),
        ["Conv2d in groups"] = (() => nn.Conv2d(4, 8, 3, groups: 2), [4, 7, 7]),
        ["Conv2d same"] = (() => nn.Conv2d(3, 4, 4, padding: Padding.Same), [3, 7, 7]),
        ["Conv2d reflecting"] = (() => nn.Conv2d(3, 4, 3, padding: 1, padding_mode: PaddingModes.Reflect), [3, 7, 7]),
        ["Conv3d"] = (() => nn.Conv3d(2, 3, 2), [2, 4, 4, 4]),
        ["BatchNorm1d"] = (() => nn.BatchNorm1d(4), [4]),
        ["BatchNorm1d of sequences"] = (() => nn.BatchNorm1d(4), [4, 6]),
        ["BatchNorm2d"] = (() => nn.BatchNorm2d(3), [3, 5, 5]),
        ["BatchNorm2d without scale"] = (() => nn.BatchNorm2d(3, affine: false), [3, 5, 5]),
        ["LayerNorm"] = (() => nn.LayerNorm(6), [6]),
        ["LayerNorm of two dimensions"] = (() => nn.LayerNorm([4, 6]), [3, 4, 6]),
        ["LayerNorm without scale"] = (() => nn.LayerNorm([6], elementwise_affine: false), [6]),
        ["GroupNorm"] = (() => nn.GroupNorm(2, 4), [4, 5, 5]),
        ["GroupNorm without scale"] = (() => nn.GroupNorm(2, 4, affine: false), [4, 6]),
        ["ReLU"] = (() => nn.ReLU(), [4]),
        ["ReLU6"] = (() => nn.ReLU6(), [4]),
        ["LeakyReLU"] = (() => nn.LeakyReLU(0.2), [4]),
        ["PReLU"] = (() => nn.PReLU(3, 0.3), [3, 4, 4]),
        ["ELU"] = (() => nn.ELU(0.7), [4]),
        ["Tanh"] = (() => nn.Tanh(), [4]),
        ["Sigmoid"] = (() => nn.Sigmoid(), [4]),
        ["SiLU"] = (() => nn.SiLU(), [4]),
        ["GELU"] = (() => nn.GELU(), [4]),
        ["GELU by tanh"] = (() => nn.GELU(GELU.Approximate.tanh), [4]),
        ["Hardswish"] = (() => nn.Hardswish(), [4]),
        ["Hardsigmoid"] = (() => nn.Hardsigmoid(), [4]),
        ["Softplus"] = (() => nn.Softplus(), [4]),
        ["Softmax"] = (() => nn.Softmax(1), [4]),
        ["LogSoftmax"] = (() => nn.LogSoftmax(-1), [4]),
        ["MaxPool1d"] = (() => nn.MaxPool1d(3, stride: 2), [3, 9]),
        ["MaxPool2d"] = (() => nn.MaxPool2d(3, stride: 2, padding: 1), [3, 9, 8]),
        ["MaxPool2d to the ceiling"] = (() => nn.MaxPool2d(3, stride: 2, ceil_mode: true), [3, 8, 8]),
        ["AvgPool1d"] = (() => nn.AvgPool1d(2), [3, 8]),
        ["AvgPool2d"] = (() => nn.AvgPool2d(2), [3, 8, 8]),
        ["AvgPool2d with padding"] = (() => nn.AvgPool2d(3, stride: 2, padding: 1), [3, 9, 9]),
        ["AvgPool2d without its padding"] = (
            () => nn.AvgPool2d(3, stride: 2, padding: 1, count_include_pad: false),
            [3, 9, 9]
        ),
        ["AdaptiveAvgPool2d"] = (() => nn.AdaptiveAvgPool2d(1), [3, 6, 5]),
        ["AdaptiveAvgPool2d of parts"] = (() => nn.AdaptiveAvgPool2d((3, 4)), [3, 7, 9]),
        ["AdaptiveAvgPool2d enlarging"] = (() => nn.AdaptiveAvgPool2d((5, 3)), [3, 3, 3]),
        ["Flatten"] = (() => nn.Flatten(), [3, 4, 4]),
        ["Flatten of the last"] = (() => nn.Flatten(2), [3, 4, 4]),
        ["Unflatten"] = (() => nn.Unflatten(1, [2, 3]), [6]),
        ["Dropout"] = (() => nn.Dropout(), [4]),
        ["Dropout2d"] = (() => nn.Dropout2d(), [3, 4, 4]),
        ["Identity"] = (() => nn.Identity(), [4]),
        ["Sequential"] = (
            () =>
                nn.Sequential(
                    ("first", nn.Linear(4, 5)),
                    ("inner", nn.Sequential(nn.ReLU(), nn.Linear(5, 5))),
                    ("last", nn.Tanh())
                ),
            [4]
        ),
        ["DomainSpecificBatchNormalization"] = (() => new DomainSpecificBatchNormalization(4), [4]),
        ["TransferableNormalization"] = (() => new TransferableNormalization(3), [3, 4, 4]),
        ["InstanceBatchNormalization"] = (() => new InstanceBatchNormalization(5), [5, 4, 4]),
        ["SourceMixture"] = (() => new SourceMixture(nn.Linear(2, 3), nn.Linear(2, 3)), [4]),
        ["StochasticNormalization"] = (() => new StochasticNormalization(4), [4]),
        ["BottleneckAdapter"] = (() => new BottleneckAdapter(4, 2), [4]),
        ["LowRankLinear"] = (() => new LowRankLinear(nn.Linear(4, 3), 2), [4]),
        ["LowRankConvolution"] = (
            () => new LowRankConvolution(nn.Conv2d(3, 4, 3, stride: 2, padding: 1), 2, stride: 2, padding: 1),
            [3, 7, 7]
        ),
        ["CosineClassifier"] = (() => new CosineClassifier(4, 3), [4]),
        ["ClassifierResidual"] = (() => new ClassifierResidual(4), [4]),
        ["StochasticClassifier"] = (() => new StochasticClassifier(4, 3), [4]),
        ["Bridged"] = (() => new Bridged(5, 3, nn.Sequential(nn.Linear(4, 5), nn.ReLU())), [4]),
        ["ParallelBranches"] = (() => new ParallelBranches(nn.Linear(4, 2), nn.Linear(4, 3)), [4]),
        ["ProgressiveColumn"] = (Columns, [4]),
        ["LeNet"] = (() => Backbones.LeNet(), [1, 28, 28]),
        ["SqueezeNet"] = (() => Backbones.SqueezeNet(), [3, 48, 48]),
        ["MobileNetV2"] = (() => Backbones.MobileNetV2(), [3, 48, 48]),
        ["GoogLeNet"] = (() => Backbones.GoogLeNet(), [3, 64, 64]),
        ["AlexNet until features"] = (() => Backbones.AlexNet(), [3, 96, 96]),
        ["ResNet50 until layer2"] = (() => Backbones.ResNet50(until: "layer2"), [3, 48, 48]),
    };

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly TemporaryFolder work = new();

    public OnnxExportTests() => Toy.SeedModules(1);

    public static TheoryData<string> LayerNames() => [.. Layers.Keys];

    [Theory]
    [MemberData(nameof(LayerNames))]
    public void ExportOnnx_OfALayer_ComputesWhatItComputes(string name)
    {
        var (make, row) = Layers[name];
        using var layer = Used(make(), row);
        using var none = nn.Identity();
        using var model = new AdaptedModel(layer.AsPart(), none.AsPart());
        var path = work.File("layer.onnx");

        model.ExportOnnx(path, new OnnxExportOptions { Example = randn([2, .. row]) });

        AssertSame(model, path, row);
    }

    [Fact]
    public void ExportOnnx_OfAnEmbedding_TakesTokenIds()
    {
        using var words = nn.Sequential(nn.Embedding(10, 3), nn.Flatten());
        using var head = nn.Linear(12, 2);
        using var model = new AdaptedModel(words.AsPart(), head.AsPart());
        var path = work.File("words.onnx");

        model.ExportOnnx(
            path,
            new OnnxExportOptions
            {
                Example = tensor(
                    new long[,]
                    {
                        { 1, 2, 3, 4 },
                    }
                ),
            }
        );

        var ids = tensor(
            new long[,]
            {
                { 0, 9, 5, 5 },
                { 3, 1, 2, 7 },
            }
        );
        AssertClose(model.Predict(ids), OnnxFile.Run(path, ids));
    }

    public static TheoryData<string> Chains() =>
        [.. GoldenFilesTests.Names().Select(row => row.Data).Where(name => RefusedPart(name) is null)];

    public static TheoryData<string> RefusedChains() =>
        [.. GoldenFilesTests.Names().Select(row => row.Data).Where(name => RefusedPart(name) is not null)];

    private static string? RefusedPart(string name) =>
        name is "ovanet" or "uan" || name.StartsWith("open-", StringComparison.Ordinal) ? "OpenPredictor ('predictor')"
        : name == "mscsc" ? "ConvolutionalCodes ('extractor"
        : name == "mtl" ? "MarginalPredictor ('predictor')"
        : name == "arm" ? "ContextualExtractor ('extractor"
        : null;

    [Theory]
    [MemberData(nameof(RefusedChains))]
    public void ExportOnnx_OfAPartWithoutOperators_IsRefusedByName(string name)
    {
        using var model = GoldenFilesTests.Loaded(name);

        var fault = Assert.Throws<NotSupportedException>(() => model.ExportOnnx(work.File("model.onnx")));

        Assert.Contains(RefusedPart(name)!, fault.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(work.File("model.onnx")));
    }

    // Every other kind of part stands in one of these models.
    [Theory]
    [MemberData(nameof(Chains))]
    public void ExportOnnx_OfEveryKindOfPart_ComputesWhatItComputes(string name)
    {
        using var model = GoldenFilesTests.Loaded(name);
        var path = work.File("model.onnx");

        model.ExportOnnx(path);

        AssertSame(model, path, model.RowShape!);
        model.ExportOnnx(path, new OnnxExportOptions { SinglePrecision = true });
        AssertSame(model, path, model.RowShape!);
    }

    [Fact]
    public void ExportOnnx_OfTcaAndASupportVectorMachine_GivesScoresProbabilitiesClassesAndFeatures()
    {
        var (source, target) = (Toy.Source(rows: 80), Toy.LabeledTarget(rows: 60));
        var named = new LabeledDomain(source.Inputs, source.Labels, space: LabelSpace.Classes(["left", "right"]));
        using var model = new AdaptationBuilder()
            .Map(new Standardize())
            .Map(new TransferComponentAnalysis { Components = 3, Kernel = new GaussianKernel() })
            .Learn(new LinearSupportVectorMachine())
            .Fit(named, target.WithoutLabels());
        var path = work.File("tca.onnx");

        model.ExportOnnx(
            path,
            new OnnxExportOptions
            {
                Probabilities = true,
                Classes = true,
                Features = true,
            }
        );

        var rows = target.Inputs;
        AssertSame(model, path, [rows.shape[1]]);
        AssertClose(model.PredictProbabilities(rows), OnnxFile.Run(path, rows, "probabilities"));
        AssertClose(model.Features(rows), OnnxFile.Run(path, rows, "features"));
        Assert.Equal(model.PredictClasses(rows).data<long>(), OnnxFile.Run(path, rows, "classes").data<long>());
        var about = OnnxFile.Metadata(path);
        Assert.Equal(["left", "right"], JsonSerializer.Deserialize<string[]>(about["class_names"])!);
        Assert.Equal(("classes", "2", "Logits"), (about["labels"], about["label_width"], about["scores"]));
    }

    [Fact]
    public void ExportOnnx_OfVotes_GivesTheirShares()
    {
        var (source, target) = (Toy.Source(rows: 60, classes: 3), Toy.LabeledTarget(rows: 40, classes: 3));
        using var model = new AdaptationBuilder()
            .Map(new CorrelationAlignment())
            .Learn(new NearestNeighbor(5))
            .Fit(source, target.WithoutLabels());
        var path = work.File("votes.onnx");

        model.ExportOnnx(path, new OnnxExportOptions { Probabilities = true });

        AssertClose(model.PredictProbabilities(target.Inputs), OnnxFile.Run(path, target.Inputs, "probabilities"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ExportOnnx_OfCodesAndTheirLikelihood_ComputesWhatTheModelDoes(bool isBinary)
    {
        Toy.SeedModules(3);
        using var network = nn.Sequential(nn.Linear(4, 8), new HashLayer(8, 6));
        var source = new LabeledDomain(
            Toy.Source(rows: 60).Inputs,
            Toy.Source(rows: 60).Labels,
            space: LabelSpace.Classes(3) // one class without rows
        );
        using var model = new AdaptationBuilder()
            .Frozen(network)
            .Learn(new CodeLikelihood { IsBinary = isBinary })
            .Fit(source, Toy.LabeledTarget(rows: 40).WithoutLabels());
        var path = work.File("codes.onnx");
        var rows = Toy.LabeledTarget(rows: 40).Inputs;

        model.ExportOnnx(path, new OnnxExportOptions { Probabilities = true });

        AssertClose(model.PredictProbabilities(rows), OnnxFile.Run(path, rows, "probabilities"));
    }

    [Fact]
    public void ExportOnnx_OfAResNetTrainedByDann_ComputesWhatItComputes()
    {
        using var network = Backbones.ResNet18();
        using var head = nn.Linear(512, 3);
        using var critic = nn.Sequential(nn.Linear(512, 8), nn.ReLU(), nn.Linear(8, 1));
        var source = new LabeledDomain(rand(4, 3, 32, 32), tensor(new long[] { 0, 1, 2, 0 }));
        using var model = Recipes
            .Dann(network, head, critic)
            .Fit(
                source,
                new UnlabeledDomain(rand(4, 3, 32, 32)),
                new FitOptions
                {
                    Training = new TrainingOptions { Steps = 1, BatchSize = 2 },
                }
            );
        var path = work.File("resnet.onnx");

        model.ExportOnnx(path);

        AssertSame(model, path, [3, 32, 32]);
    }

    [Fact]
    public void ExportOnnx_ThenExtract_GivesTheModelsOwnFeatures()
    {
        using var network = nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten());
        using var head = nn.Linear(108, 2);
        using var model = new AdaptedModel(network.AsPart(), head.AsPart());
        var images = rand(7, 1, 8, 8);
        var path = work.File("network.onnx");

        model.ExportOnnx(path, new OnnxExportOptions { Example = images, Features = true });

        using var extractor = OnnxExtractor.From(path, new OnnxExtractorOptions { OutputName = "features" });
        AssertClose(model.Features(images), extractor.Extract(images));
    }

    [Fact]
    public void ExportOnnx_OfRowsInFloat64_TakesThem()
    {
        var source = Toy.Source(rows: 40);
        var wide = new LabeledDomain(source.Inputs.to(float64), source.Labels);
        using var model = new AdaptationBuilder()
            .Map(new Standardize())
            .Learn(new LogisticRegression())
            .Fit(wide, new UnlabeledDomain(wide.Inputs + 0.5));
        var path = work.File("wide.onnx");

        model.ExportOnnx(path, new OnnxExportOptions { Example = wide.Inputs });

        var given = OnnxFile.Run(path, wide.Inputs);
        Assert.Equal(float64, given.dtype);
        Assert.True((given - model.Predict(wide.Inputs)).abs().max().item<double>() < 1e-10);
    }

    [Fact]
    public void ExportOnnx_OfDomains_WritesTheOneThatIsAskedFor()
    {
        using var model = GoldenFilesTests.Loaded("feature-augmentation");
        var path = work.File("source.onnx");

        model.ExportOnnx(path, new OnnxExportOptions { Domain = DomainId.Source(0) });

        var rows = randn(5, 4);
        AssertClose(model.Predict(rows, DomainId.Source(0)), OnnxFile.Run(path, rows));
        Assert.False(model.Predict(rows).allclose(model.Predict(rows, DomainId.Source(0))));
    }

    [Fact]
    public void ExportOnnx_OfWhatHasNoOperators_NamesAllOfItAndWritesNothing()
    {
        using var network = nn.Sequential(
            ("odd", new Squaring()),
            ("pool", nn.AdaptiveMaxPool2d([1, 1])),
            ("flat", nn.Flatten())
        );
        using var model = new AdaptedModel(network.AsPart(), new Guess());
        var path = work.File("odd.onnx");
        File.WriteAllText(path, "what was there");

        var fault = Assert.Throws<NotSupportedException>(() =>
            model.ExportOnnx(path, new OnnxExportOptions { Example = rand(2, 3, 4, 4) })
        );

        Assert.Contains("Squaring ('extractor/odd')", fault.Message, StringComparison.Ordinal);
        Assert.Contains("AdaptiveMaxPool2d ('extractor/pool')", fault.Message, StringComparison.Ordinal);
        Assert.Contains("Guess ('predictor')", fault.Message, StringComparison.Ordinal);
        Assert.Equal("what was there", File.ReadAllText(path));
        Assert.Single(Directory.EnumerateFiles(work.Path));
    }

    [Fact]
    public void ExportOnnx_OfAMapThatIsFoundByStepsForEachRow_NamesIt()
    {
        using var model = GoldenFilesTests.Loaded("ssnb");

        var fault = Assert.Throws<NotSupportedException>(() =>
            model.ExportOnnx(work.File("map.onnx"), new OnnxExportOptions { Domain = DomainId.Source(0) })
        );

        Assert.Contains("ConvexPotentialMap ('extractor", fault.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(work.Path));
    }

    [Fact]
    public void ExportOnnx_OfAModuleThatComputesSomethingElse_IsNotKept()
    {
        using var network = new Untrue(nn.Linear(3, 3));
        using var model = new AdaptedModel(network.AsPart(), nn.Identity().AsPart());

        var fault = Assert.Throws<InvalidDataException>(() =>
            model.ExportOnnx(work.File("untrue.onnx"), new OnnxExportOptions { Example = randn(3, 3) })
        );

        Assert.Contains("lie up to", fault.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(work.Path));
    }

    [Fact]
    public void ExportOnnx_OfFeaturesThatDifferWhereScoresDoNot_IsNotKept()
    {
        using var network = new Untrue(nn.Linear(3, 3));
        using var centered = new Centered();
        using var model = new AdaptedModel(network.AsPart(), centered.AsPart());
        var options = new OnnxExportOptions { Example = randn(3, 3) };

        model.ExportOnnx(work.File("scores.onnx"), options);
        var fault = Assert.Throws<InvalidDataException>(() =>
            model.ExportOnnx(work.File("features.onnx"), options with { Features = true })
        );

        Assert.Contains("its features", fault.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(work.File("features.onnx")));
    }

    [Fact]
    public void ExportOnnx_OfAHalfPrecisionNetwork_SaysWhatToDo()
    {
        using var network = nn.Linear(3, 2).to(ScalarType.BFloat16);
        using var model = new AdaptedModel(network.AsPart(), nn.Identity().AsPart());

        var fault = Assert.Throws<NotSupportedException>(() =>
            model.ExportOnnx(
                work.File("half.onnx"),
                new OnnxExportOptions { Example = randn(3, 3).to(ScalarType.BFloat16) }
            )
        );

        Assert.Contains(".to(float32)", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ExportOnnx_OfValuesOneARow_GivesThemAsTheModelDoes()
    {
        var (source, target) = (Toy.Source(rows: 40), Toy.LabeledTarget(rows: 30));
        using var model = new AdaptationBuilder()
            .Map(new Standardize())
            .Learn(new RidgeRegression())
            .Fit(new LabeledDomain(source.Inputs, source.Labels.to(float32)), target.WithoutLabels());
        var path = work.File("values.onnx");

        model.ExportOnnx(path);

        Assert.Equal([5L], model.Predict(target.Inputs[..5]).shape);
        AssertSame(model, path, [4]);
    }

    [Fact]
    public void ExportOnnx_OfValues_HasNoProbabilities()
    {
        using var model = GoldenFilesTests.Loaded("tradaboost-r2");

        var fault = Assert.Throws<NotSupportedException>(() =>
            model.ExportOnnx(work.File("values.onnx"), new OnnxExportOptions { Probabilities = true })
        );

        Assert.Contains("predicts values", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ExportOnnx_WithoutExampleRows_AsksForThem()
    {
        using var network = nn.Linear(3, 2);
        using var model = new AdaptedModel(network.AsPart(), nn.Identity().AsPart());
        var path = work.File("rows.onnx");

        Assert.Contains(
            "set Example",
            Assert.Throws<ArgumentException>(() => model.ExportOnnx(path)).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentException>(() => model.ExportOnnx(path, new OnnxExportOptions { Example = zeros(0, 3) }));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            model.ExportOnnx(path, new OnnxExportOptions { Example = zeros(1, 3), Tolerance = 0 })
        );
        Assert.Throws<ArgumentException>(() =>
            model.ExportOnnx(path, new OnnxExportOptions { Example = zeros(1, 3), InputName = "scores" })
        );
    }

    [Fact]
    public void ExportOnnx_LeavesNothingBehind()
    {
        using var model = GoldenFilesTests.Loaded("tca-gaussian");
        model.ExportOnnx(work.File("first.onnx"));
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = Tensor.TotalCount;

        model.ExportOnnx(work.File("second.onnx"));

        Assert.Equal(before, Tensor.TotalCount);
        Assert.Equal(File.ReadAllBytes(work.File("first.onnx")), File.ReadAllBytes(work.File("second.onnx")));
    }

    public void Dispose()
    {
        scope.Dispose();
        work.Dispose();
    }

    private static void AssertSame(AdaptedModel model, string path, IReadOnlyList<long> row)
    {
        foreach (var count in new[] { 1, 5 })
        {
            var rows = randn([count, .. row]);
            AssertClose(model.Predict(rows), OnnxFile.Run(path, rows));
        }
    }

    private static void AssertClose(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.Equal(expected.dtype, actual.dtype);
        var scale = Math.Max(1, expected.abs().max().item<float>());
        Assert.True(
            (expected - actual).abs().max().item<float>() <= 1e-4 * scale,
            $"{(expected - actual).abs().max().item<float>()} of {scale}"
        );
    }

    // As after a training: statistics and parameters that are not those of the start.
    private static nn.Module<Tensor, Tensor> Used(nn.Module<Tensor, Tensor> layer, long[] row)
    {
        using var quiet = no_grad();
        foreach (var (name, value) in layer.named_parameters().Select(it => (it.name, (Tensor)it.parameter)))
        {
            if (
                value.dim() == 1
                || layer is BottleneckAdapter or LowRankLinear or LowRankConvolution or StochasticClassifier
            )
            {
                value.uniform_(0.5, 1.5);
            }
        }
        foreach (var (name, value) in layer.named_buffers())
        {
            if (name.EndsWith("mean", StringComparison.Ordinal) && !name.StartsWith("norm", StringComparison.Ordinal))
            {
                value.uniform_(-0.5, 0.5);
            }
            else if (
                name.EndsWith("var", StringComparison.Ordinal) || name.EndsWith("variance", StringComparison.Ordinal)
            )
            {
                value.uniform_(0.5, 2);
            }
        }
        layer.eval();
        return layer;
    }

    private static ProgressiveColumn Columns()
    {
        ProgressiveLayer Layer(long inputs, long outputs, params LateralAdapter[] laterals) =>
            new(nn.Linear(inputs, outputs), nn.ReLU(), laterals);
        var first = new ProgressiveColumn([Layer(4, 5), Layer(5, 3)]);
        return new ProgressiveColumn([Layer(4, 6), Layer(6, 3, LateralAdapter.Dense(5, 2, 3))], first);
    }

    private sealed class Squaring() : nn.Module<Tensor, Tensor>(nameof(Squaring))
    {
        public override Tensor forward(Tensor input) => input.square();
    }

    private sealed class Guess : ILabelPredictor
    {
        public Tensor Predict(Tensor features) => zeros(features.shape[0], 2);
    }

    private sealed class Untrue : nn.Module<Tensor, Tensor>, IGraphPart
    {
        private readonly Linear layer;

        public Untrue(Linear layer)
            : base(nameof(Untrue))
        {
            this.layer = layer;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => layer.call(input) + 1;

        public GraphValue Write(IGraphWriter graph, GraphValue inputs) => graph.Part(layer, inputs);
    }

    // Does not see what is added to all features alike.
    private sealed class Centered() : nn.Module<Tensor, Tensor>(nameof(Centered)), IGraphPart
    {
        public override Tensor forward(Tensor input) => input - input.mean([1L], keepdim: true);

        public GraphValue Write(IGraphWriter graph, GraphValue inputs)
        {
            var mean = graph.Operator("ReduceMean", [inputs], ("axes", new[] { 1L }), ("keepdims", 1L));
            return graph.Operator("Sub", [inputs, mean]);
        }
    }
}
