using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Onnx;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Onnx;

/// <summary>ONNX models as frozen extractors.</summary>
public sealed class OnnxExtractorTests : IDisposable
{
    private const long Padding = 0;

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly TemporaryFolder work = new();
    private readonly Tensor table = randn(9, 3);
    private readonly Tensor kinds = randn(2, 3);
    private readonly Tensor ids = tensor(
        new long[,]
        {
            { 4, 7, 1, 8 },
            { 3, 2, Padding, Padding },
            { Padding, Padding, Padding, Padding },
        }
    );

    [Theory]
    [InlineData(OnnxPooling.TokenMean)]
    [InlineData(OnnxPooling.FirstToken)]
    [InlineData(OnnxPooling.Flatten)]
    public void Extract_TokenIds_GivesPooledFeaturesOfAllTokensButThoseThatFillUp(OnnxPooling pooling)
    {
        using var extractor = OnnxExtractor.From(
            TextModels.Encoder(table, kinds),
            new OnnxExtractorOptions
            {
                OutputName = "last_hidden_state",
                PaddingId = Padding,
                Pooling = pooling,
            }
        );

        var features = extractor.Extract(ids);

        // Every token is its vector and that of kind 0; what fills up is nothing.
        var hidden =
            (table.index_select(0, ids.reshape(-1)).reshape(3, 4, 3) + kinds[0]) * (ids != Padding).unsqueeze(2);
        var expected = pooling switch
        {
            OnnxPooling.TokenMean => stack([hidden[0].mean([0L]), hidden[1, ..2].mean([0L]), zeros(3)]),
            OnnxPooling.FirstToken => hidden.select(1, 0),
            _ => hidden.reshape(3, -1),
        };
        Assert.Equal((float32, 2), (features.dtype, features.dim()));
        Assert.True(features.allclose(expected, 1e-5, 1e-6));
        Assert.True(extractor.Extract(ids.to(int32)).equal(features).all().item<bool>());
        Assert.Throws<ArgumentException>(() => extractor.Extract(ids.to(float32)));
    }

    [Fact]
    public void Extract_OfSeveralOutputs_TakesTheNamedOne()
    {
        using var extractor = OnnxExtractor.From(
            TextModels.Encoder(table, kinds),
            new OnnxExtractorOptions { OutputName = "pooler_output", PaddingId = -1 }
        );

        var features = extractor.Extract(ids[..1]);

        var sum = table.index_select(0, ids[0]).sum(dim: 0) + (kinds[0] * 4);
        Assert.True(features.allclose(sum.unsqueeze(0), 1e-5, 1e-6));
        Assert.Equal("input_ids", extractor.InputName);
    }

    [Fact]
    public void From_NamesThatTheModelLacks_ListsThoseItHas()
    {
        static string Message(byte[] model, OnnxExtractorOptions options) =>
            Assert.Throws<ArgumentException>(() => OnnxExtractor.From(model, options)).Message;
        var model = TextModels.Encoder(table, kinds);

        var several = Message(model, new OnnxExtractorOptions { PaddingId = 0 });
        Assert.Contains("'last_hidden_state' Float [any, 4, 3]", several, StringComparison.Ordinal);
        Assert.Contains("'pooler_output'", several, StringComparison.Ordinal);
        Assert.Contains("OutputName", several, StringComparison.Ordinal);
        var other = Message(model, new OnnxExtractorOptions { OutputName = "embedding", PaddingId = 0 });
        Assert.Contains("no output 'embedding'; it has 'last_hidden_state'", other, StringComparison.Ordinal);
        var input = Message(model, new OnnxExtractorOptions { OutputName = "pooler_output", InputName = "ids" });
        Assert.Contains("no input 'ids'; it has 'input_ids' Int64 [any, 4]", input, StringComparison.Ordinal);
        var mask = Message(model, new OnnxExtractorOptions { OutputName = "pooler_output" });
        Assert.Contains("set PaddingId", mask, StringComparison.Ordinal);
        var unfed = Message(
            model,
            new OnnxExtractorOptions
            {
                OutputName = "pooler_output",
                PaddingId = 0,
                TokenTypesName = "kinds",
            }
        );
        Assert.Contains("'token_type_ids' Int64 [any, 4]", unfed, StringComparison.Ordinal);
    }

    [Fact]
    public void Extract_InputsOfAnotherDtypeRankOrWidth_AreRefusedByWhatTheModelAsksFor()
    {
        using var extractor = OnnxExtractor.From(Network(out _));

        foreach (var wrong in new[] { zeros(2, 3), zeros(2, 4, 1), zeros(4), zeros([2, 4], int64) })
        {
            var fault = Assert.Throws<ArgumentException>(() => extractor.Extract(wrong));

            Assert.Contains("Float [any, 4]", fault.Message, StringComparison.Ordinal);
            Assert.Equal("inputs", fault.ParamName);
        }
    }

    [Fact]
    public void Extract_InBatches_OfEveryFloatingDtype_GivesTheSameInTheInputsDtype()
    {
        var model = Network(out var expected);
        using var whole = OnnxExtractor.From(model);
        using var parts = OnnxExtractor.From(model, new OnnxExtractorOptions { BatchSize = 3, Threads = 1 });
        var rows = randn(8, 4).requires_grad_();

        var features = whole.Extract(rows);

        Assert.False(features.requires_grad);
        Assert.True(features.allclose(expected(rows).detach(), 1e-5, 1e-6));
        Assert.True(parts.Extract(rows).allclose(features, 1e-6, 1e-6));
        var wide = parts.Extract(rows.detach().to(float64));
        Assert.Equal(float64, wide.dtype);
        Assert.True(wide.to(float32).allclose(features, 1e-6, 1e-6));
        Assert.Equal([0L, 2], whole.Extract(zeros(0, 4)).shape);
        Assert.True(whole.Extract(rows.detach().t().contiguous().t()).allclose(features, 1e-6, 1e-6));
    }

    [Fact]
    public void Extract_OfAModelForOneRow_PassesTheRowsOneByOne()
    {
        var rows = rand(2, 3, 224, 224);
        var path = Path.Combine(AppContext.BaseDirectory, "DnnImageModels", "ResNet18Onnx", "ResNet18.onnx");
        using var extractor = OnnxExtractor.From(path);

        var features = extractor.Extract(rows);

        Assert.Equal([2L, 512], features.shape);
        Assert.True(features[1].allclose(extractor.Extract(rows[1..])[0], 1e-4, 1e-4));
    }

    [Fact]
    public void Frozen_InAChain_FitsPredictsSavesAndLoads()
    {
        SavedParts.Register<OnnxExtractor>();
        var (source, target) = (Toy.Source(rows: 60), Toy.LabeledTarget(rows: 40));
        using var extractor = OnnxExtractor.From(Network(out _), new OnnxExtractorOptions { BatchSize = 16 });
        using var model = new AdaptationBuilder()
            .Frozen(extractor)
            .Map(new CorrelationAlignment())
            .Learn(new LogisticRegression())
            .Fit(source, target.WithoutLabels());
        var path = work.File("adapted.model");

        model.Save(path);

        using var loaded = AdaptedModel.Load(path);
        var expected = model.Predict(target.Inputs);
        Assert.True(loaded.Predict(target.Inputs).equal(expected).all().item<bool>());
        Assert.Contains("OnnxExtractor", loaded.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void Frozen_CanceledWithinARunOfRows_StopsInTheModel()
    {
        using var stop = new CancellationTokenSource();
        using var extractor = OnnxExtractor.From(Network(out _));
        static bool IsOfTheFit(Tensor rows) => rows.shape[0] > 2; // the plan tries two
        var isReached = false;
        var chain = ExtractorChain.Of(
            new Seeing(rows =>
            {
                if (IsOfTheFit(rows))
                {
                    stop.Cancel();
                }
            }),
            extractor,
            new Seeing(rows => isReached |= IsOfTheFit(rows))
        );

        Assert.ThrowsAny<OperationCanceledException>(() =>
            new AdaptationBuilder()
                .Frozen(chain)
                .Learn(new LogisticRegression())
                .Fit(Toy.Source(rows: 60), Toy.LabeledTarget().WithoutLabels(), cancellationToken: stop.Token)
        );

        Assert.True(stop.IsCancellationRequested);
        Assert.False(isReached);
    }

    [Fact]
    public void Train_OnIt_IsRefusedBeforeAnythingIsComputed()
    {
        var (source, target) = (Toy.Source(rows: 20), Toy.LabeledTarget(rows: 20));
        using var extractor = OnnxExtractor.From(Network(out _));
        using var head = nn.Linear(2, 2);

        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Train(extractor, head.AsPart(), net => net.Minimize(new CrossEntropy()))
                .Fit(source, target.WithoutLabels())
        );

        Assert.Contains("OnnxExtractor passes no gradient", fault.Message, StringComparison.Ordinal);
        Assert.Contains("Frozen(...)", fault.Message, StringComparison.Ordinal);
        using var model = new AdaptationBuilder()
            .Frozen(extractor)
            .Train(nn.Linear(2, 2), head, net => net.Minimize(new CrossEntropy()))
            .Fit(source, target.WithoutLabels(), new FitOptions { Training = new TrainingOptions { Steps = 1 } });
        Assert.Equal([20L, 2], model.Predict(target.Inputs).shape);
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("random")]
    [InlineData("empty")]
    [InlineData("text")]
    public void From_ADamagedFile_IsNamed(string damage)
    {
        var model = Network(out _);
        var random = new byte[500];
        new Random(3).NextBytes(random);
        var path = work.File($"{damage}.onnx");
        File.WriteAllBytes(
            path,
            damage switch
            {
                "cut" => model[..(model.Length / 2)],
                "random" => random,
                "empty" => [],
                _ => "no model"u8.ToArray(),
            }
        );

        var fault = Assert.Throws<InvalidDataException>(() => OnnxExtractor.From(path));

        Assert.Contains(path, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void From_AModelWithWeightsInOtherFiles_ReadsNoneOfThem()
    {
        var tensor = new OnnxMessage()
            .With(1, 2L)
            .With(2, 1L)
            .With(8, "weights")
            .With(13, new OnnxMessage().With(1, "location").With(2, "/etc/hostname"))
            .With(14, 1L);
        var model = new OnnxMessage().With(1, 8L).With(7, new OnnxMessage().With(5, tensor));
        using var memory = new MemoryStream();
        model.WriteTo(memory);

        var fault = Assert.Throws<InvalidDataException>(() => OnnxExtractor.From(memory.ToArray()));

        Assert.Contains("weights in files beside it", fault.Message, StringComparison.Ordinal);
    }

    // Whatever byte is wrong, an exception says so or the model computes something; the process goes on.
    [Fact]
    public void From_AFileOfAnyWrongByte_NeverEndsTheProcess()
    {
        var model = Network(out _);
        var rows = randn(2, 4);
        var refused = 0;
        for (var i = 0; i < model.Length; i += 7)
        {
            var changed = (byte[])model.Clone();
            changed[i] ^= 0x55;
            try
            {
                using var extractor = OnnxExtractor.From(changed);
                extractor.Extract(rows).Dispose();
            }
            catch (Exception fault) when (fault is InvalidDataException or ArgumentException)
            {
                refused++;
            }
        }
        Assert.True(refused > 10, $"{refused} refused");
    }

    [Fact]
    public void Extract_OnManyThreads_GivesTheSame()
    {
        using var extractor = OnnxExtractor.From(Network(out _), new OnnxExtractorOptions { Threads = 1 });
        var rows = randn(6, 4);
        var expected = extractor.Extract(rows).data<float>().ToArray();

        Parallel.For(
            0,
            40,
            _ =>
            {
                using var inner = NewDisposeScope();
                Assert.Equal(expected, extractor.Extract(rows).data<float>().ToArray());
            }
        );
    }

    [Fact]
    public void Extract_Canceled_Stops()
    {
        using var extractor = OnnxExtractor.From(Network(out _));
        using var source = new CancellationTokenSource();
        source.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => extractor.Extract(randn(2, 4), source.Token));
    }

    [Fact]
    public void Extract_Disposed_Throws()
    {
        var extractor = OnnxExtractor.From(Network(out _));
        extractor.Dispose();

        Assert.Throws<ObjectDisposedException>(() => extractor.Extract(randn(2, 4)));
        using var other = OnnxExtractor.From(Network(out _));
        var rows = randn(2, 4);
        rows.Dispose();
        Assert.Throws<ObjectDisposedException>(() => other.Extract(rows));
    }

    [Fact]
    public async Task Dispose_WhileThreadsExtract_LetsThemEnd()
    {
        var rows = randn(64, 4);
        for (var round = 0; round < 10; round++)
        {
            var extractor = OnnxExtractor.From(Network(out _));
            using var expected = extractor.Extract(rows);
            var threads = Enumerable
                .Range(0, 4)
                .Select(_ =>
                    Task.Run(() =>
                    {
                        try
                        {
                            while (true)
                            {
                                using var features = extractor.Extract(rows);
                                Assert.True(features.equal(expected).all().item<bool>());
                            }
                        }
                        catch (ObjectDisposedException)
                        {
                            // as it should be
                        }
                    })
                )
                .ToArray();
            await Task.Delay(5, TestContext.Current.CancellationToken);
            extractor.Dispose();
            await Task.WhenAll(threads).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void Extract_LeavesNothingBehind()
    {
        using var extractor = OnnxExtractor.From(Network(out _), new OnnxExtractorOptions { BatchSize = 3 });
        var rows = randn(7, 4);
        extractor.Extract(rows).Dispose();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = Tensor.TotalCount;

        using var features = extractor.Extract(rows);

        Assert.Equal(before + 1, Tensor.TotalCount);
    }

    [Fact]
    public void From_OptionsOutOfTheirRange_AreRefused()
    {
        var model = Network(out _);

        Assert.Throws<ArgumentOutOfRangeException>(() =>
            OnnxExtractor.From(model, new OnnxExtractorOptions { BatchSize = 0 })
        );
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            OnnxExtractor.From(model, new OnnxExtractorOptions { Threads = 0 })
        );
        Assert.Throws<FileNotFoundException>(() => OnnxExtractor.From(work.File("none.onnx")));
    }

    public void Dispose()
    {
        scope.Dispose();
        table.Dispose();
        kinds.Dispose();
        ids.Dispose();
        work.Dispose();
    }

    // tanh(x W), [n, 4] to [n, 2].
    private byte[] Network(out Func<Tensor, Tensor> computes)
    {
        var weight = randn(4, 2);
        computes = x => x.matmul(weight).tanh();
        var graph = new GraphWriter(singlePrecision: false);
        var x = graph.Input("x", zeros(1, 4));
        var y = graph.Operator("Tanh", [graph.Operator("MatMul", [x, graph.Constant(weight)])]);
        graph.Output("y", y, zeros(1, 2));
        return TextModels.Bytes(graph);
    }

    private sealed class Seeing(Action<Tensor> see) : IFeatureExtractor
    {
        public Tensor Extract(Tensor inputs)
        {
            see(inputs);
            return inputs.alias();
        }
    }
}
