using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>Verbs for margin disparity discrepancy.</summary>
public static class MarginDisparityVerbs
{
    /// <summary>
    /// Opposes the extractor with a classifier that disagrees with the predictor on the target alone: MDD.
    /// </summary>
    /// <param name="training">The training.</param>
    /// <param name="adversary">The adversarial classifier; it is moved by the main phase.</param>
    /// <param name="reversal">The factor of the reversed gradient over progress. Default a ramp from 0 to 0.1.</param>
    /// <param name="margin">The factor of the source's part. Default 4.</param>
    public static NetworkTraining OpposeByMargin(
        this NetworkTraining training,
        ILabelPredictor adversary,
        Schedule? reversal = null,
        double margin = 4
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        Internal.Guard.Positive(margin);
        var disparity = new MarginDisparity(adversary, reversal) { Margin = margin };
        training.Main.Move(adversary);
        return training.Minimize(disparity);
    }

    /// <inheritdoc cref="OpposeByMargin(NetworkTraining, ILabelPredictor, Schedule?, double)"/>
    public static NetworkTraining OpposeByMargin(
        this NetworkTraining training,
        nn.Module<Tensor, Tensor> adversary,
        Schedule? reversal = null,
        double margin = 4
    ) => training.OpposeByMargin(adversary.AsPart(), reversal, margin);

    /// <summary>
    /// Opposes the extractor with a regressor that disagrees with the predictor on the target alone: MDD for values.
    /// </summary>
    /// <param name="training">The training.</param>
    /// <param name="adversary">The adversarial regressor; it is moved by the main phase.</param>
    /// <param name="reversal">The factor of the reversed gradient over progress. Default a ramp from 0 to 0.1.</param>
    /// <param name="margin">The factor of the source's part. Default 1.</param>
    public static NetworkTraining OpposeValues(
        this NetworkTraining training,
        ILabelPredictor adversary,
        Schedule? reversal = null,
        double margin = 1
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        Internal.Guard.Positive(margin);
        var disparity = new ValueDisparity(adversary, reversal) { Margin = margin };
        training.Main.Move(adversary);
        return training.Minimize(disparity);
    }

    /// <inheritdoc cref="OpposeValues(NetworkTraining, ILabelPredictor, Schedule?, double)"/>
    public static NetworkTraining OpposeValues(
        this NetworkTraining training,
        nn.Module<Tensor, Tensor> adversary,
        Schedule? reversal = null,
        double margin = 1
    ) => training.OpposeValues(adversary.AsPart(), reversal, margin);
}
