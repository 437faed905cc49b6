using DigitAdaptation.Digits;
using TorchSharp;
using TransferLearning;
using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace DigitStyles;

/// <summary>
/// CyCADA's chain without its critic of features: a reader of MNIST digits, a translation that keeps what it reads, a
/// reader of the translated digits.
/// </summary>
internal static class Styles
{
    private const long Shown = 12;

    public static StyleOutcome Run(int epochs, int images, int width)
    {
        using var scope = NewDisposeScope();
        var task = DigitTask.Bundled();
        var device = cuda.is_available() ? CUDA : CPU;
        var source = Labeled(task.Source.Every(Math.Max(1, task.Source.Count / images)), device);
        var target = Images(task.Target, device);
        var (test, labels) = (Images(task.TargetTest, device), tensor(task.TargetTest.Labels, device: device));
        Console.WriteLine(
            $"{source.Count} labeled {task.SourceName} digits, {target.shape[0]} unlabeled {task.TargetName} digits, "
                + $"judged on {test.shape[0]} others"
        );

        manual_seed(1);
        using var networks = new TranslationNetworks(
            channels: 1,
            width: width,
            blocks: 2,
            criticLayers: 2,
            black: 0,
            white: 1
        );
        using var first = new Reader();
        using var second = new Reader();
        var reading = new TrainingOptions { Epochs = 10, BatchSize = 32 };
        var translating = new TrainingOptions
        {
            Epochs = epochs,
            BatchSize = 16,
            Optimizer = parameters => optim.Adam(parameters, 5e-4, 0.5, 0.999),
            LearningRate = new Schedule(progress => Math.Min(1, 2 - (2 * progress))),
        };
        using var model = new AdaptationBuilder()
            .Train(first.Extractor, first.Predictor, net => net.Minimize(new CrossEntropy()).With(reading))
            .Add(new ImageTranslation(networks) { Semantics = new SemanticConsistency(), Options = translating })
            .Train(second.Extractor, second.Predictor, net => net.Minimize(new CrossEntropy()).With(reading))
            .Fit(source, new UnlabeledDomain(target), new FitOptions { Seed = 1 }, new PrintedProgress());

        using var alone = new AdaptedModel(first.Extractor, first.Predictor);
        var originals = source.Inputs.narrow(0, 0, Shown);
        var others = target.narrow(0, 0, Shown);
        using var quiet = no_grad();
        var translated = networks.ToTarget.Extract(originals);
        return new StyleOutcome(
            Accuracy(alone, test, labels),
            Accuracy(model, test, labels),
            [
                new StyleRow($"{task.SourceName}", Pixels(originals)),
                new StyleRow($"in the style of {task.TargetName}", Pixels(translated)),
                new StyleRow("and back", Pixels(networks.ToSource.Extract(translated))),
                new StyleRow($"{task.TargetName}", Pixels(others)),
                new StyleRow($"in the style of {task.SourceName}", Pixels(networks.ToSource.Extract(others))),
            ]
        );
    }

    private static double Accuracy(AdaptedModel model, Tensor test, Tensor labels)
    {
        using var classes = model.PredictClasses(test);
        return classes.eq(labels).to(float64).mean().item<double>();
    }

    private static LabeledDomain Labeled(DigitImages images, Device device) =>
        new(Images(images, device), tensor(images.Labels, device: device), space: LabelSpace.Classes(10));

    private static Tensor Images(DigitImages images, Device device) =>
        tensor(images.Pixels, [images.Count, 1, images.Height, images.Width], device: device);

    // Paper white and ink black.
    private static IReadOnlyList<byte[]> Pixels(Tensor images)
    {
        using var scope = NewDisposeScope();
        var bytes = (255 - (images.clamp(0, 1) * 255)).round().to(uint8).cpu().contiguous();
        return [.. Enumerable.Range(0, (int)bytes.shape[0]).Select(i => bytes[i].bytes.ToArray())];
    }
}
