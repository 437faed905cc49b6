using TorchSharp;
using TransferLearning;
using TransferLearning.Evaluation;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.SelfTraining;
using TransferLearning.Training;
using TransferLearning.Vision;
using static TorchSharp.torch;

namespace MlNet;

/// <summary>The same network and images in this library: a linear learner, and a small adapted net.</summary>
internal static class LibrarySide
{
    private const int Width = 512;
    private const int Hidden = 256;

    /// <summary>The features of a domain's images, read from their files.</summary>
    /// <param name="network">Gives the features.</param>
    /// <param name="images">The domain.</param>
    /// <param name="folder">Where the features are stored; nothing is there yet.</param>
    public static LabeledDomain Features(Backbone network, ImageFolder images, string folder) =>
        new FeatureStore(folder).Labeled(network, images);

    /// <summary>Logistic regression on the features as they are, or on rows of unit length.</summary>
    public static double Linear(LabeledDomain source, LabeledDomain target, bool isUnit)
    {
        var chain = isUnit ? new AdaptationBuilder().Map(new UnitLength()) : new AdaptationBuilder();
        using var model = chain.Learn(new LogisticRegression()).Fit(source, target.WithoutLabels());
        return Accuracy(model, target);
    }

    /// <summary>The composed row of the sample PhotoToArt: DSAN and MCC on the same features.</summary>
    public static double Adapted(LabeledDomain source, LabeledDomain target)
    {
        var (scaled, scaledTarget) = (Scaled(source), Scaled(target));
        _ = manual_seed(1);
        using var extractor = nn.Sequential(nn.Linear(Width, Hidden), nn.ReLU(), nn.Dropout(0.5));
        using var predictor = nn.Linear(Hidden, source.Space.Width);
        var training = new TrainingOptions
        {
            Epochs = 40,
            BatchSize = 64,
            Optimizer = parameters => optim.Adam(parameters, 1e-3),
        };
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .Minimize(new LocalMaximumMeanDiscrepancy(), Schedule.SigmoidRamp(gamma: 10))
                        .Minimize(new MinimumClassConfusion())
            )
            .Fit(scaled, scaledTarget.WithoutLabels(), new FitOptions { Training = training });
        return Accuracy(model, scaledTarget);
    }

    private static double Accuracy(AdaptedModel model, LabeledDomain target)
    {
        using var read = model.PredictClasses(target.Inputs);
        return AccuracyInterval.Of(read, target.Labels).Value;
    }

    private static LabeledDomain Scaled(LabeledDomain domain) =>
        domain.WithInputs(nn.functional.normalize(domain.Inputs, dim: 1) * Math.Sqrt(Width));
}
