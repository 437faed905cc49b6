using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>Verbs for regressive domain adaptation.</summary>
public static class RegressiveAdversaryVerbs
{
    /// <summary>
    /// Opposes the extractor with a regressor that puts the target's keypoints where others are: RegDA.
    /// </summary>
    /// <remarks>
    /// A step has three phases: the main phase, in which the adversary also learns to agree with the predictor on the
    /// source; the adversary alone, which learns to be wrong on the target, at the other keypoints; the extractor
    /// alone, which moves the target's features to where the adversary agrees with the predictor.
    /// </remarks>
    /// <param name="training">
    /// The training; its predictor is a <see cref="KeypointPredictor"/>, its main phase minimizes <see
    /// cref="KeypointDivergence"/>.
    /// </param>
    /// <param name="adversary">
    /// The adversarial regressor, features to heatmaps, of the predictor's kind but with other initial values.
    /// </param>
    /// <param name="weight">The weight of the disparity over progress in all phases. Default 1.</param>
    /// <param name="reach">
    /// The share of the disparity's gradient that reaches the extractor, over progress. Default a ramp from 0 to 0.1.
    /// </param>
    /// <param name="margin">The further factor of the source's disparity. Default 4, the authors'.</param>
    /// <param name="sigma">The width of the bells in cells. Default 2, the authors' for 64 by 64 cells.</param>
    public static NetworkTraining OpposeKeypoints(
        this NetworkTraining training,
        ILabelPredictor adversary,
        Schedule? weight = null,
        Schedule? reach = null,
        double margin = 4,
        double sigma = 2
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        Internal.Guard.Positive(margin);
        Internal.Guard.Positive(sigma);
        var ofSources = new RegressionDisparity(adversary, reach) { Sigma = sigma };
        var ofTarget = new RegressionDisparity(adversary, reach) { Sigma = sigma, IsOfTarget = true };
        var wrong = new GroundFalseDivergence(adversary) { Sigma = sigma };
        training.Main.Move(adversary).Minimize(ofSources, (weight ?? 1.0).Times(margin));
        return training
            .Phase(phase => phase.Move(adversary).Minimize(wrong, weight))
            .Phase(phase => phase.Move(training.Extractor).Minimize(ofTarget, weight));
    }

    /// <inheritdoc cref="OpposeKeypoints(NetworkTraining, ILabelPredictor, Schedule?, Schedule?, double, double)"/>
    public static NetworkTraining OpposeKeypoints(
        this NetworkTraining training,
        nn.Module<Tensor, Tensor> adversary,
        Schedule? weight = null,
        Schedule? reach = null,
        double margin = 4,
        double sigma = 2
    ) => training.OpposeKeypoints(adversary.AsPart(), weight, reach, margin, sigma);
}
