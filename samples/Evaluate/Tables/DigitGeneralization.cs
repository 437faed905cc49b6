using Evaluate.Data;
using Evaluate.Measuring;
using TorchSharp;
using TransferLearning;
using TransferLearning.Mapping;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace Evaluate.Tables;

/// <summary>Digits of three looks, one left out, by small convolutional networks: where styles can be mixed.</summary>
internal static class DigitGeneralization
{
    private const int Rows = 2000;
    private const int Width = 128;
    private const int Classes = 10;

    private static readonly string[] Names = ["MNIST", "USPS", "MNIST-M"];

    /// <summary>Each set left out, every method as its recipe makes it.</summary>
    public static EvaluationTable Table(string data)
    {
        var read = new Lazy<LabeledDomain[]>(() => Read(data));
        var tasks = Names.Select(
            (name, unseen) =>
                new EvaluationTask(
                    $"to {name}",
                    _ =>
                    {
                        LabeledDomain[] seen = [.. read.Value.Where((_, i) => i != unseen)];
                        return new TaskData(seen[0], read.Value[unseen]) { Sources = seen };
                    }
                )
        );
        return new EvaluationTable(
            "digits-left-out",
            "Digits of three looks, one left out, convolutional networks",
            "2,000 test images of MNIST, 2,007 of USPS and 2,000 of MNIST-M, digits over photographs in color, as "
                + "images of 14x14 in three channels; the network is trained on two sets and judged on the third, of "
                + "which it sees no image (FitWithoutTarget). Extractor: convolutions of 3x3 to 32, 64 and 128 "
                + "channels, batch normalization and ReLU after each, maxima of 2x2 after the first two, mean over "
                + "places; classifier: linear 128 to 10. 10 epochs of batches of 64 from each set, Adam at 0.001, the "
                + "last epoch, three seeds. Styles are mixed behind the first two blocks; IBN-Net has half of the "
                + "channels of the first two normalized image by image. Other settings are the recipes'; nothing was "
                + "chosen on these data.",
            Measure.Accuracy,
            [.. tasks],
            [
                Method("ERM", it => Recipes.Erm(it.Extractor, it.Predictor)),
                Method("MixStyle", it => Recipes.MixStyle(it.Extractor, it.Predictor, it.Blocks)),
                Method("EFDMix", it => Recipes.EfdMix(it.Extractor, it.Predictor, it.Blocks)),
                Method("IBN-Net", it => Recipes.IbnNet(it.Extractor, it.Predictor), isInstanceNormalized: true),
            ]
        )
        {
            Seeds = 3,
        };
    }

    private static LabeledDomain[] Read(string data)
    {
        var digits = new Digits(data);
        using var scope = NewDisposeScope();
        return
        [
            .. new[] { digits.MnistTest().Some(arange(Rows)), digits.UspsTest(), digits.MnistM().Training }.Select(
                it => new LabeledDomain(
                    nn.functional.avg_pool2d(it.Inputs, 2)
                        .expand(it.Count, 3, 14, 14)
                        .contiguous()
                        .DetachFromDisposeScope(),
                    it.Labels.alias().DetachFromDisposeScope(),
                    space: it.Space
                )
            ),
        ];
    }

    private static EvaluationMethod Method(
        string name,
        Func<Network, AdaptationBuilder> chain,
        bool isInstanceNormalized = false
    ) =>
        new(
            name,
            (task, options, stop) =>
                chain(new Network(options.Seed, isInstanceNormalized))
                    .FitWithoutTarget(
                        task.Sources,
                        options with
                        {
                            Training = new TrainingOptions { Epochs = 10, BatchSize = 64 },
                        },
                        null,
                        stop
                    )
        );

    /// <summary>The modules of one fit, their first values drawn by its seed.</summary>
    private sealed class Network
    {
        public Network(long seed, bool isInstanceNormalized)
        {
            _ = manual_seed(seed);
            Blocks = [Block(3, 32), Block(32, 64)];
            Extractor = nn.Sequential([
                .. Blocks,
                nn.Conv2d(64, Width, 3, padding: 1),
                nn.BatchNorm2d(Width),
                nn.ReLU(),
                nn.AdaptiveAvgPool2d(1),
                nn.Flatten(),
            ]);
            Predictor = nn.Linear(Width, Classes);

            nn.Module<Tensor, Tensor> Block(long channels, long outputs) =>
                nn.Sequential(
                    nn.Conv2d(channels, outputs, 3, padding: 1),
                    isInstanceNormalized ? new InstanceBatchNormalization(outputs) : nn.BatchNorm2d(outputs),
                    nn.ReLU(),
                    nn.MaxPool2d(2)
                );
        }

        public IReadOnlyList<nn.Module<Tensor, Tensor>> Blocks { get; }

        public nn.Module<Tensor, Tensor> Extractor { get; }

        public nn.Module<Tensor, Tensor> Predictor { get; }
    }
}
