using System.Globalization;
using Evaluate.Data;
using Evaluate.Measuring;
using TorchSharp;
using TransferLearning;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace Evaluate.Tables;

/// <summary>Vehicles in sight of street cameras (CityCam, Zhang 2017), counted at a camera without labels.</summary>
internal static class CityCameras
{
    private const int Inputs = 128;
    private const int Width = 64;
    private const int Tens = 10;
    private static readonly short[] Cameras = [253, 495, 511];

    /// <summary>Each camera as the target of the two others.</summary>
    public static EvaluationTable Table(string data)
    {
        var frames = new StreetFrames(data);
        var tasks = Cameras.Select(unlabeled => new EvaluationTask(
            string.Create(CultureInfo.InvariantCulture, $"to {unlabeled}"),
            _ => new TaskData(frames.Of(camera => camera != unlabeled), frames.Of(camera => camera == unlabeled))
            {
                Unit = Tens,
            }
        ));
        return new EvaluationTable(
            "citycam",
            "Vehicles in sight of a street camera",
            "128 principal components of ResNet-50's features of 13,569 frames, in units of their spread; frames of "
                + "two cameras are the source, those of the third the target. Mean absolute error in vehicles; the "
                + "networks learn tens of vehicles. Extractor: linear 128 to 64, ReLU; predictor: linear 64 to 1; "
                + "adversary: 64, 64, 1. 2,000 steps of 36 rows of each domain, the batch of RSD and DARE-GRAM, which "
                + "RSD wants no larger than the features are wide; Adam at 0.001, the last step, three seeds. Every "
                + "method is its recipe with its defaults, DAN with the squared error; CORAL is of the features, with "
                + "weight 1. Nothing was chosen on these data. All target rows are seen without labels and judged "
                + "(transductive).",
            Measure.MeanAbsolute,
            [.. tasks],
            [
                Method("source only", it => Of(it, _ => { })),
                Method("DAN", it => Recipes.Dan(it.Extractor, it.Predictor, loss: new SquaredError())),
                Method("CORAL", it => Of(it, net => net.Align(new DeepCorrelationAlignment()))),
                Method("RSD", it => Recipes.Rsd(it.Extractor, it.Predictor)),
                Method("MDD for values", it => Recipes.MddRegression(it.Extractor, it.Predictor, it.Critic())),
                Method("DARE-GRAM", it => Recipes.DareGram(it.Extractor, it.Predictor)),
            ]
        )
        {
            Seeds = 3,
        };
    }

    private static EvaluationMethod Method(string name, Func<Networks, AdaptationBuilder> chain) =>
        new(
            name,
            (data, options, stop) =>
            {
                var networks = new Networks(
                    options.Seed,
                    () => nn.Sequential(nn.Linear(Inputs, Width), nn.ReLU()),
                    Width,
                    classes: 1
                );
                var training = new TrainingOptions { Steps = 2000, BatchSize = 36 };
                return chain(networks)
                    .Fit(data.Source, data.Target.WithoutLabels(), options with { Training = training }, null, stop);
            }
        );

    private static AdaptationBuilder Of(Networks it, Action<NetworkTraining> train) =>
        new AdaptationBuilder().Train(
            it.Extractor,
            it.Predictor,
            net =>
            {
                net.Minimize(new SquaredError());
                train(net);
            }
        );
}
