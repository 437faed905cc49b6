using TransferLearning.Mapping;
using TransferLearning.Onnx;
using TransferLearning.Predictors;
using TransferLearning.Tests.Onnx;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Documentation;

/// <summary>The examples of the page on ONNX, verbatim.</summary>
[Trait("Category", "Documentation")]
public sealed class OnnxExamples : IDisposable
{
    private static readonly string[] Files = ["encoder.onnx", "texts.model", "adapted.onnx"];
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Extractor()
    {
        File.WriteAllBytes("encoder.onnx", TextModels.Encoder(randn(9, 3), randn(2, 3)));
        var (reviewIds, stars) = (randint(0, 9, [12, 4]), arange(12, dtype: int64).remainder(2));
        var ticketIds = randint(0, 9, [10, 4]);

        using var encoder = OnnxExtractor.From(
            "encoder.onnx",
            new OnnxExtractorOptions
            {
                OutputName = "last_hidden_state",
                Pooling = OnnxPooling.TokenMean,
                PaddingId = 0, // what the tokenizer fills short texts up with
            }
        );

        using var model = new AdaptationBuilder()
            .Frozen(encoder)
            .Map(new CorrelationAlignment())
            .Learn(new LogisticRegression())
            .Fit(new LabeledDomain(reviewIds, stars), new UnlabeledDomain(ticketIds));

        model.Save("texts.model");

        SavedParts.Register<OnnxExtractor>();
        using var loaded = AdaptedModel.Load("texts.model");

        Assert.True(loaded.Predict(ticketIds).equal(model.Predict(ticketIds)).all().item<bool>());
    }

    [Fact]
    public void Export()
    {
        using var adapted = GoldenFilesTests.Loaded("coral");

        adapted.ExportOnnx("adapted.onnx", new OnnxExportOptions { Probabilities = true, Classes = true });

        var rows = randn(4, 4);
        Assert.Equal(
            adapted.PredictClasses(rows).data<long>(),
            OnnxFile.Run("adapted.onnx", rows, "classes").data<long>()
        );
    }

    [Fact]
    public void OwnModule()
    {
        Toy.SeedModules(3);
        using var network = new Scaled(nn.Linear(3, 2), 2.5);
        using var none = nn.Identity();
        using var model = new AdaptedModel(network.AsPart(), none.AsPart());

        model.ExportOnnx("adapted.onnx", new OnnxExportOptions { Example = randn(2, 3) });

        var rows = randn(4, 3);
        Assert.True(OnnxFile.Run("adapted.onnx", rows).allclose(model.Predict(rows), 1e-5, 1e-6));
    }

    public void Dispose()
    {
        scope.Dispose();
        foreach (var file in Files)
        {
            File.Delete(file);
        }
    }

    internal sealed class Scaled(nn.Module<Tensor, Tensor> inner, double factor)
        : nn.Module<Tensor, Tensor>(nameof(Scaled)),
            IGraphPart
    {
        public override Tensor forward(Tensor input) => inner.call(input) * factor;

        public GraphValue Write(IGraphWriter graph, GraphValue inputs)
        {
            var result = graph.Part(inner, inputs, nameof(inner));
            return graph.Operator("Mul", [result, graph.Like(graph.Constant(tensor(factor)), result)]);
        }
    }
}
