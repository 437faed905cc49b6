using TransferLearning.Evaluation;
using static TorchSharp.torch;

namespace PhotoToArt;

/// <summary>One way to read the target.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Accuracy">The share of target images read rightly.</param>
/// <param name="Seconds">How long the fit took.</param>
/// <param name="Predicted">The class of each target image.</param>
/// <param name="SourceFeatures">What the predictor sees of source images, a row each.</param>
/// <param name="TargetFeatures">What it sees of target images.</param>
internal sealed record StoryRow(
    string Name,
    AccuracyInterval Accuracy,
    double Seconds,
    Tensor Predicted,
    Tensor SourceFeatures,
    Tensor TargetFeatures
);
