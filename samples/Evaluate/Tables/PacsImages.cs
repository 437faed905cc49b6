using Evaluate.Measuring;
using TransferLearning;
using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Vision;
using static TorchSharp.torch;

namespace Evaluate.Tables;

/// <summary>PACS (Li 2017) from its image files: what two frozen networks see, and what adaptation adds.</summary>
internal static class PacsImages
{
    private const string Frozen = "logistic regression";

    private static readonly string[] Networks =
    [
        "source only",
        "DAN",
        "DSAN",
        "DANN",
        "CDAN+E",
        "information maximization",
        "MCC",
        "DSAN and MCC",
    ];

    /// <summary>A table for each network.</summary>
    public static IReadOnlyList<EvaluationTable> Tables(string data) =>
        [
            Table(
                data,
                "pacs-resnet18",
                "ResNet-18",
                "the one of the package Microsoft.ML.DnnImageFeaturizer.ResNet18. On features that ONNX Runtime computed "
                    + "from the same images, scikit-learn's logistic regression reaches 64.5, 27.4, 93.9, 49.7, 72.7 and "
                    + "60.0",
                () => Backbones.PretrainedResNet18()
            ),
            Table(
                data,
                "pacs-squeezenet",
                "SqueezeNet 1.1",
                "torchvision's weights",
                () => Backbones.SqueezeNet(Path.Combine(data, "pretrained", "squeezenet1_1_notop.safetensors"))
            ),
        ];

    private static EvaluationTable Table(string data, string name, string network, string weights, Func<Backbone> load)
    {
        var read = Reader(Path.Combine(data, "pacs"), load);
        return new EvaluationTable(
            name,
            $"PACS through {network}",
            $"2,731 JPEG files of photographs (P), paintings (A) and cartoons (C) in seven classes. The middle of each, "
                + $"224x224, passes a frozen {network} of ImageNet ({weights}); its 512 features are computed once. "
                + "Logistic regression, with CORAL and without, has rows of unit length; the other rows are networks of "
                + "linear 512 to 256, ReLU, dropout 0.5 and linear 256 to 7 on rows of length sqrt(512), 40 epochs of "
                + "batches of 64, Adam at 0.001, the last epoch. Three seeds. Every method is its recipe with its "
                + "defaults; nothing was chosen on these data. All target images are seen without labels and judged "
                + "(transductive).",
            Measure.Accuracy,
            PacsFeatures.Pairs(read),
            [
                EvaluationMethod.Unsupervised(Frozen, Linear(chain => chain)),
                EvaluationMethod.Unsupervised("CORAL", Linear(chain => chain.Map(new CorrelationAlignment()))),
                .. NetworkMethods
                    .Rows((_, seed) => PacsFeatures.NewNetworks(seed), it => PacsFeatures.Trained(it, epochs: 40))
                    .Where(method => Networks.Contains(method.Name)),
            ]
        )
        {
            Seeds = 3,
            Baseline = Frozen,
        };
    }

    private static AdaptationBuilder Linear(Func<AdaptationBuilder, AdaptationBuilder> map) =>
        map(new AdaptationBuilder().Map(new UnitLength())).Learn(new LogisticRegression());

    // Features stay on disk: what measures again, or another table, does not compute them again.
    private static Func<string, LabeledDomain> Reader(string folder, Func<Backbone> load)
    {
        var store = new FeatureStore(Path.Combine(RepositoryFolder.Path, "artifacts", "features"));
        return domain =>
        {
            using var scope = NewDisposeScope();
            using var network = load();
            var images = ImageFolder.Open(Path.Combine(folder, domain == "art" ? "art_painting" : domain));
            var features = store.Labeled(network, images);
            features.Labels.MoveToOuterDisposeScope();
            return features.WithInputs(PacsFeatures.Scaled(features.Inputs).MoveToOuterDisposeScope());
        };
    }
}
