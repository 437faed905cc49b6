using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests;

/// <summary>Models predict in batches, and come back from a file as they were.</summary>
public sealed class AdaptedModelTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Load_OfAShallowModel_NeedsNoCodeAndPredictsTheSame()
    {
        var inputs = Toy.LabeledTarget().Inputs;
        using var model = Shallow();
        model.Save(folder.File("model"));

        using var loaded = AdaptedModel.Load(folder.File("model"));

        Assert.True(model.Predict(inputs).equal(loaded.Predict(inputs)).all().item<bool>());
    }

    [Fact]
    public void Load_OfAModelWithClassNames_KnowsThem()
    {
        var (inputs, labels) = (Toy.Source().Inputs, Toy.Source().Labels);
        var source = new LabeledDomain(inputs, labels, space: LabelSpace.Classes(["left", "right"]));
        using var model = new AdaptationBuilder()
            .Learn(new NearestNeighbor())
            .Fit(source, Toy.LabeledTarget().WithoutLabels());
        model.Save(folder.File("model"));

        using var loaded = AdaptedModel.Load(folder.File("model"));

        Assert.Equal(source.Space, loaded.Space);
        Assert.Equal(
            labels.data<long>().Select(label => label == 0 ? "left" : "right"),
            loaded.PredictClassNames(inputs)
        );
        Assert.Contains("labels: 2 classes (left, right)", loaded.Describe(), StringComparison.Ordinal);
        using var nameless = Shallow();
        Assert.Contains(
            "2 classes and have no names",
            Assert.Throws<InvalidOperationException>(() => nameless.PredictClassNames(inputs)).Message,
            StringComparison.Ordinal
        );
        Assert.NotEqual(LabelSpace.Classes(2), source.Space);
        Assert.Equal(LabelSpace.Classes(["left", "right"]), source.Space);
        Assert.Throws<ArgumentException>(() => LabelSpace.Classes(["one", "one"]));
        Assert.Throws<ArgumentException>(() => LabelSpace.Classes([]));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(0, true)]
    public void Predict_OfValues_HasTheShapeOfTheFitsLabels(int columns, bool isLoaded)
    {
        var rows = Toy.Source(rows: 40).Inputs;
        var values = columns == 0 ? rows.sum([1L]) : rows.sum([1L], keepdim: true);
        using var fitted = new AdaptationBuilder()
            .Learn(new RidgeRegression(1e-6))
            .Fit(new LabeledDomain(rows, values), new UnlabeledDomain(rows));
        fitted.Save(folder.File("model"));
        using var loaded = AdaptedModel.Load(folder.File("model"));
        var model = isLoaded ? loaded : fitted;

        Assert.Equal(values.shape, model.Predict(rows).shape);
        Assert.Equal(values.shape, model.Predict(rows, batchSize: 7).shape);
        Assert.Equal(values.shape, model.PredictBatches(new UnlabeledDomain(rows).Rows, 40).Single().shape);
        Assert.True(model.Predict(rows).allclose(values, 1e-3, 1e-3));
    }

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Int64)]
    public void Predict_OfAnotherDtypeThanTheNetworks_NamesBoth(ScalarType type)
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var model = new AdaptedModel(extractor, predictor);

        var fault = Assert.Throws<ArgumentException>(() => model.Predict(ones(3, 4, type)));

        Assert.Equal("inputs", fault.ParamName);
        Assert.Contains(
            $"inputs are {type}, and the model's networks compute in Float32; convert the inputs, inputs.to(float32)",
            fault.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void From_OfADataset_ReadsWhatTheTensorsHold()
    {
        var (inputs, labels) = (Toy.Source(rows: 30).Inputs, Toy.Source(rows: 30).Labels);
        using var dataset = new Pairs(inputs, labels.to(int32));

        var (source, target) = (LabeledDomain.From(dataset), UnlabeledDomain.From(dataset));

        Assert.True(source.Labels.equal(labels).all().item<bool>());
        var rows = tensor(new long[] { 4, 0, 29 });
        Assert.True(source.Rows.Read(rows).equal(inputs.index_select(0, rows)).all().item<bool>());
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Fit(
                source,
                target,
                new FitOptions
                {
                    Training = new TrainingOptions { Steps = 2, BatchSize = 8 },
                }
            );
        Assert.Equal([30L, 2L], model.Predict(inputs).shape);
        Assert.Contains(
            "example 0 of the data set has no 'image'; it has data, label.",
            Assert.Throws<ArgumentException>(() => UnlabeledDomain.From(dataset, "image")).Message,
            StringComparison.Ordinal
        );
        using var none = new Pairs(inputs[..0], labels[..0]);
        Assert.Throws<ArgumentException>(() => LabeledDomain.From(none));
    }

    [Fact]
    public void Load_OfANetworkAfterAMap_PredictsTheSameOnBothDomains()
    {
        using var extractor = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU());
        using var predictor = nn.Linear(8, 2);
        using var model = new AdaptationBuilder()
            .Map(new CorrelationAlignment())
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Fit(
                Toy.Source(),
                Toy.LabeledTarget().WithoutLabels(),
                new FitOptions { Training = new TrainingOptions { Steps = 5 } }
            );
        model.Save(folder.File("model"));
        using var freshExtractor = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU());
        using var freshPredictor = nn.Linear(8, 2);

        using var loaded = AdaptedModel.Load(folder.File("model"), freshExtractor, freshPredictor);

        foreach (var domain in new[] { DomainId.Target, DomainId.Source(0) })
        {
            var inputs = Toy.LabeledTarget().Inputs;
            Assert.True(model.Predict(inputs, domain).equal(loaded.Predict(inputs, domain)).all().item<bool>());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Predict_OfRowsThatDoNotFit_NamesWhatCameAndWhatWasExpected(bool isLoaded)
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var fitted = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Fit(
                Toy.Source(),
                Toy.LabeledTarget().WithoutLabels(),
                new FitOptions { Training = new TrainingOptions { Steps = 1 } }
            );
        fitted.Save(folder.File("model"));
        using var model = isLoaded
            ? AdaptedModel.Load(
                folder.File("model"),
                (nn.Module<Tensor, Tensor>)extractor.Module,
                (nn.Module<Tensor, Tensor>)predictor.Module
            )
            : fitted;
        var lost = rand(2000, 4);
        lost[1500, 2] = float.NaN;

        var narrow = Assert.Throws<ArgumentException>(() => model.Predict(rand(3, 3)));
        var empty = Assert.Throws<ArgumentException>(() => model.Predict(lost));

        Assert.Contains(
            "rows of 4 features, as in the fit; got Float32 [3, 3]",
            narrow.Message,
            StringComparison.Ordinal
        );
        Assert.Contains("in row 1500 first", empty.Message, StringComparison.Ordinal);
        Assert.Equal(["inputs", "inputs"], [narrow.ParamName, empty.ParamName]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void PredictClasses_OfValues_IsRefused(bool isLoaded)
    {
        var rows = Toy.Source(rows: 50).Inputs;
        using var fitted = new AdaptationBuilder()
            .Learn(new RidgeRegression())
            .Fit(new LabeledDomain(rows, rows.narrow(1, 0, 2)), new UnlabeledDomain(rows));
        fitted.Save(folder.File("model"));
        using var model = isLoaded ? AdaptedModel.Load(folder.File("model")) : fitted;

        var fault = Assert.Throws<InvalidOperationException>(() => model.PredictClasses(rows));

        Assert.Contains("predicts 2 value(s) a row", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Predict_OfADisposedModelModuleOrTensor_NamesIt()
    {
        var rows = Toy.LabeledTarget().Inputs;
        var network = nn.Linear(4, 2);
        using var model = new AdaptedModel(ExtractorChain.Of(), network.AsPart());
        var lost = rows.clone();
        lost.Dispose();

        Assert.Equal("inputs", Assert.Throws<ObjectDisposedException>(() => model.Predict(lost)).ObjectName);
        network.Dispose();
        Assert.Contains(
            "Linear",
            Assert.Throws<ObjectDisposedException>(() => model.Predict(rows)).ObjectName,
            StringComparison.Ordinal
        );
        // The good file of the day before stays what it is.
        File.WriteAllText(folder.File("model"), "kept");
        Assert.Throws<ObjectDisposedException>(() => model.Save(folder.File("model")));
        Assert.Equal("kept", File.ReadAllText(folder.File("model")));
        model.Dispose();
        Assert.Contains(
            nameof(AdaptedModel),
            Assert.Throws<ObjectDisposedException>(() => model.Save(folder.File("model"))).ObjectName,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Load_WithoutTheNetworksModules_NamesWhatIsMissing()
    {
        using var predictor = nn.Linear(4, 2);
        using var model = new AdaptedModel(ExtractorChain.Of(), predictor.AsPart());
        model.Save(folder.File("model"));

        var fault = Assert.Throws<InvalidDataException>(() => AdaptedModel.Load(folder.File("model")));

        Assert.Contains("weight [2, 4]", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_IntoAnotherArchitecture_NamesTheShapes()
    {
        using var predictor = nn.Linear(4, 2);
        using var other = nn.Linear(4, 3);
        using var model = new AdaptedModel(ExtractorChain.Of(), predictor.AsPart());
        model.Save(folder.File("model"));

        var fault = Assert.Throws<InvalidDataException>(() => AdaptedModel.Load(folder.File("model"), other));

        Assert.Contains("[2, 4]", fault.Message, StringComparison.Ordinal);
        Assert.Contains("[3, 4]", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a layer less", "1.running_mean")]
    [InlineData("a bias less", "0.bias")]
    [InlineData("a layer more", "2.weight")]
    [InlineData("float64", "Float64")]
    public void Load_IntoModulesThatDoNotTakeEverything_NamesWhatIsLeft(string what, string left)
    {
        using var saved = nn.Sequential(nn.Linear(4, 2), nn.BatchNorm1d(2));
        using var model = new AdaptedModel(ExtractorChain.Of(), saved.AsPart());
        model.Save(folder.File("model"));
        using var other = what switch
        {
            "a layer less" => nn.Sequential(nn.Linear(4, 2)),
            "a bias less" => nn.Sequential(nn.Linear(4, 2, hasBias: false), nn.BatchNorm1d(2)),
            "a layer more" => nn.Sequential(nn.Linear(4, 2), nn.BatchNorm1d(2), nn.Linear(2, 2)),
            _ => nn.Sequential(nn.Linear(4, 2, dtype: float64), nn.BatchNorm1d(2, dtype: float64)),
        };
        var before = Toy.Bits(other.AsPart());

        var fault = Assert.Throws<InvalidDataException>(() => AdaptedModel.Load(folder.File("model"), other));

        Assert.Contains(left, fault.Message, StringComparison.Ordinal);
        Assert.Equal(before, Toy.Bits(other.AsPart()));
    }

    [Fact]
    public void Load_WithAModuleTooMany_SaysHowManyThereAre()
    {
        using var saved = nn.Linear(4, 2);
        using var model = new AdaptedModel(ExtractorChain.Of(), saved.AsPart());
        model.Save(folder.File("model"));
        using var first = nn.Linear(4, 2);
        using var second = nn.Linear(4, 2);

        var fault = Assert.Throws<InvalidDataException>(() => AdaptedModel.Load(folder.File("model"), first, second));

        Assert.Contains("2 module(s) were given but the file holds 1", fault.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => AdaptedModel.Load(folder.File("model"), first, first));
    }

    [Fact]
    public void Load_OfAFileWithAnEntryTooMany_NamesIt()
    {
        using var saved = nn.Linear(4, 2);
        using (var bag = StateBag.ForSaving())
        {
            var format = "adapted model 1";
            bag.Text("format", ref format);
            var (extractor, predictor) = (ExtractorChain.Of(), (ILabelPredictor)saved.AsPart());
            bag.Part("extractor", ref extractor!);
            bag.Part("predictor", ref predictor!);
            double further = 1;
            bag.Number("temperature", ref further);
            bag.Write(folder.File("model"));
        }

        var fault = Assert.Throws<InvalidDataException>(() => AdaptedModel.Load(folder.File("model"), saved));

        Assert.Contains("temperature", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Save_OfAnUnsavablePart_SaysWhatToImplement()
    {
        using var model = new AdaptedModel(new Doubling(), nn.Linear(4, 2).AsPart());

        var fault = Assert.Throws<NotSupportedException>(() => model.Save(folder.File("model")));

        Assert.Contains("ISavedPart", fault.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("model")));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Predict_InBatchesOfAnySize_GivesTheSameScores(long batchSize)
    {
        using var model = Shallow();
        var inputs = Toy.LabeledTarget().Inputs;
        var whole = model.Predict(inputs);

        Assert.True((whole - model.Predict(inputs, batchSize)).abs().max().item<float>() < 1e-5);
        Assert.Equal(80, cat([.. model.PredictBatches(new Rows(inputs), batchSize)]).shape[0]);
    }

    [Fact]
    public void Fit_OnRowsThatAreReadWhenNeeded_GivesTheBitsOfRowsInMemory()
    {
        byte[] Run(Func<Tensor, UnlabeledDomain> domain)
        {
            Toy.SeedModules(3);
            using var extractor = Toy.Extractor();
            using var predictor = Toy.Predictor();
            using var model = new AdaptationBuilder()
                .Train(
                    extractor,
                    predictor,
                    net => net.Minimize(new CrossEntropy()).Align(new DeepCorrelationAlignment())
                )
                .Fit(
                    Toy.Source(),
                    domain(Toy.LabeledTarget().Inputs),
                    new FitOptions { Training = new TrainingOptions { Steps = 5 } }
                );
            return Toy.Bits(extractor, predictor);
        }

        Assert.Equal(Run(inputs => new UnlabeledDomain(inputs)), Run(inputs => new UnlabeledDomain(new Rows(inputs))));
    }

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    private static AdaptedModel Shallow() =>
        new AdaptationBuilder()
            .Map(new TransferComponentAnalysis { Components = 4 })
            .Learn(new NearestNeighbor(3))
            .Fit(Toy.Source(rows: 40), Toy.LabeledTarget().WithoutLabels());

    private sealed class Doubling : IFeatureExtractor
    {
        public Tensor Extract(Tensor inputs) => inputs * 2;
    }

    private sealed class Rows(Tensor inputs) : IRowSource
    {
        public long Count => inputs.shape[0];

        public Tensor Read(Tensor rows) => inputs.index_select(0, rows);
    }

    private sealed class Pairs(Tensor inputs, Tensor labels) : utils.data.Dataset
    {
        public override long Count => inputs.shape[0];

        public override Dictionary<string, Tensor> GetTensor(long index) =>
            new(StringComparer.Ordinal) { ["data"] = inputs[index], ["label"] = labels[index] };
    }
}
