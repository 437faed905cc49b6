using static TorchSharp.torch;

namespace TransferLearning.Vision;

/// <summary>SqueezeNet (Iandola et al. 2016), by the names that TorchVision's files use.</summary>
internal static class SqueezeNetLayers
{
    /// <summary>The layers of version 1.0 or 1.1, the classifier's convolution to 1,000 classes last.</summary>
    public static List<(string Name, nn.Module<Tensor, Tensor> Layer)> Of(bool isVersion10) =>
        [
            ("features", nn.Sequential(isVersion10 ? Version10() : Version11())),
            ("classifier", nn.Sequential(("0", nn.Dropout()), ("1", nn.Conv2d(512, 1000, 1)), ("2", nn.ReLU()))),
        ];

    private static IEnumerable<(string, nn.Module<Tensor, Tensor>)> Version10() =>
        [
            ("0", nn.Conv2d(3, 96, 7, stride: 2)),
            ("1", nn.ReLU()),
            ("2", Pool()),
            ("3", new Fire(96, 16, 64)),
            ("4", new Fire(128, 16, 64)),
            ("5", new Fire(128, 32, 128)),
            ("6", Pool()),
            ("7", new Fire(256, 32, 128)),
            ("8", new Fire(256, 48, 192)),
            ("9", new Fire(384, 48, 192)),
            ("10", new Fire(384, 64, 256)),
            ("11", Pool()),
            ("12", new Fire(512, 64, 256)),
        ];

    private static IEnumerable<(string, nn.Module<Tensor, Tensor>)> Version11() =>
        [
            ("0", nn.Conv2d(3, 64, 3, stride: 2)),
            ("1", nn.ReLU()),
            ("2", Pool()),
            ("3", new Fire(64, 16, 64)),
            ("4", new Fire(128, 16, 64)),
            ("5", Pool()),
            ("6", new Fire(128, 32, 128)),
            ("7", new Fire(256, 32, 128)),
            ("8", Pool()),
            ("9", new Fire(256, 48, 192)),
            ("10", new Fire(384, 48, 192)),
            ("11", new Fire(384, 64, 256)),
            ("12", new Fire(512, 64, 256)),
        ];

    private static nn.Module<Tensor, Tensor> Pool() => nn.MaxPool2d(3, stride: 2, ceil_mode: true);

    /// <summary>A squeeze to few channels, then two convolutions side by side.</summary>
    private sealed class Fire : nn.Module<Tensor, Tensor>, IGraphPart
    {
        private readonly nn.Module<Tensor, Tensor> squeeze;
        private readonly nn.Module<Tensor, Tensor> expand1x1;
        private readonly nn.Module<Tensor, Tensor> expand3x3;

        public Fire(long inputs, long squeezed, long expanded)
            : base(nameof(Fire))
        {
            squeeze = nn.Conv2d(inputs, squeezed, 1);
            expand1x1 = nn.Conv2d(squeezed, expanded, 1);
            expand3x3 = nn.Conv2d(squeezed, expanded, 3, padding: 1);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var squeezed = squeeze.call(input).relu();
            return cat([expand1x1.call(squeezed).relu(), expand3x3.call(squeezed).relu()], 1).MoveToOuterDisposeScope();
        }

        public GraphValue Write(IGraphWriter graph, GraphValue inputs)
        {
            var squeezed = graph.Part(squeeze, inputs, nameof(squeeze));
            squeezed = graph.WithExample(graph.Operator("Relu", [squeezed]), graph.ExampleOf(squeezed).relu());
            GraphValue[] expanded =
            [
                graph.Operator("Relu", [graph.Part(expand1x1, squeezed, nameof(expand1x1))]),
                graph.Operator("Relu", [graph.Part(expand3x3, squeezed, nameof(expand3x3))]),
            ];
            return graph.Operator("Concat", expanded, ("axis", 1L));
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                squeeze.Dispose();
                expand1x1.Dispose();
                expand3x3.Dispose();
            }
            base.Dispose(disposing);
        }
    }
}
