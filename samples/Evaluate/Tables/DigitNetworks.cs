using Evaluate.Data;
using Evaluate.Measuring;
using TorchSharp;
using TransferLearning;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace Evaluate.Tables;

/// <summary>LeNet on handwritten digits, every method on every pair: what two cores can afford.</summary>
internal static class DigitNetworks
{
    private const int Classes = 10;
    private const int Features = 500;
    private const int Steps = 2000;

    /// <summary>The table.</summary>
    public static EvaluationTable Table(string data)
    {
        var digits = new Digits(data);
        return new EvaluationTable(
            "digits",
            "Handwritten digits, 2,000 steps",
            "MNIST (60,000 training images), USPS (7,291), the first 2,000 of the 3,000 MNIST-M images at hand, and "
                + "1,000 optical digits of the UCI; judged on other images: 2,007 of USPS, 10,000 of MNIST, 1,000 of "
                + "MNIST-M, 797 optical digits. All are 28x28, enlarged or reduced by bilinear interpolation; MNIST is "
                + "gray in three channels against MNIST-M. LeNet: convolutions of 20 and 50 channels, 5x5, each with "
                + "ReLU and pooling, a layer of 500, dropout 0.5; a linear classifier; critics with one hidden layer "
                + "of 500. 2,000 steps of 64 images a domain (a method of two stages takes them in each), Adam at "
                + "0.001, the last step, one seed. Every method is its recipe with its defaults; nothing was chosen on "
                + "these data. The weak view moves images by up to 3 pixels, the strong one adds two operations of "
                + "RandAugment and a covered square; neither mirrors. Nothing here is transductive. Published, MNIST to "
                + "USPS and back, by longer trainings: SKADA-Bench (10 epochs of all images, settings chosen by the "
                + "target's labels) source 94.2 and 73.3, DAN 94.9 and 86.2, DANN 92.5 and 86.7, Deep CORAL 97.1 and "
                + "89.8, DeepJDOT 96.2 and 90.1, MCC 98.2 and 90.3, MDD 91.9 and 76.1; SHOT's paper (30 epochs) 97.9 "
                + "and 98.0.",
            Measure.Accuracy,
            [
                new EvaluationTask(
                    "MNIST to USPS",
                    _ => new TaskData(digits.MnistTraining(), digits.UspsTraining()) { Judged = digits.UspsTest() }
                ),
                new EvaluationTask(
                    "USPS to MNIST",
                    _ => new TaskData(digits.UspsTraining(), digits.MnistTraining()) { Judged = digits.MnistTest() }
                ),
                new EvaluationTask("MNIST to MNIST-M", _ => Split(digits.MnistTraining(channels: 3), digits.MnistM())),
                new EvaluationTask("MNIST to optical", _ => Split(digits.MnistTraining(), Digits.Optical())),
            ],
            [.. NetworkMethods.Rows(NewNetworks, Trained), Oracle()]
        )
        {
            Baseline = "source only",
            HasCurves = true,
        };
    }

    private static TaskData Split(LabeledDomain source, (LabeledDomain Training, LabeledDomain Others) target) =>
        new(source, target.Training) { Judged = target.Others };

    private static Networks NewNetworks(TaskData data, long seed) =>
        new(seed, () => LeNet(data.Source.Inputs.shape[1]), Features, Classes)
        {
            Strong = Recipes.StrongImageAugmentation(flips: 0, padding: 3),
            Weak = Recipes.WeakImageAugmentation(flips: 0, padding: 3),
        };

    private static nn.Module<Tensor, Tensor> LeNet(long channels) =>
        nn.Sequential(
            nn.Conv2d(channels, 20, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(20, 50, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(50 * 4 * 4, Features),
            nn.ReLU(),
            nn.Dropout(0.5)
        );

    private static FitOptions Trained(FitOptions options) =>
        options with
        {
            Training = new TrainingOptions { Steps = Steps, BatchSize = 64 },
        };

    // What an application does not have: the target's labels.
    private static EvaluationMethod Oracle() =>
        new(
            "the target's labels",
            (data, options, stop) =>
            {
                var it = NewNetworks(data, options.Seed);
                return Recipes
                    .Erm(it.Extractor, it.Predictor)
                    .Fit(data.Target, data.Target.WithoutLabels(), Trained(options), null, stop);
            }
        );
}
