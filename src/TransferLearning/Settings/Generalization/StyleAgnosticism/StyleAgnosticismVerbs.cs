using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>Verbs for features that do not rest on style.</summary>
public static class StyleAgnosticismVerbs
{
    /// <summary>
    /// Learns the labels from content under other rows' styles, and features whose styles tell nothing: SagNet.
    /// </summary>
    /// <param name="training">The training; it needs no loss of the labeled rows of its own.</param>
    /// <param name="style">The classifier of styles, of the predictor's input and output.</param>
    /// <param name="weight">The weight of the adversary's term over progress. Default 0.1, the authors'.</param>
    public static NetworkTraining IgnoreStyle(
        this NetworkTraining training,
        ILabelPredictor style,
        Schedule? weight = null
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(style);
        return training
            .Minimize(new StyleRandomization())
            .Phase(phase => phase.Move(style).Minimize(new ContentRandomization(style)))
            .Phase(phase => phase.Move(training.Extractor).Minimize(new StyleConfusion(style), weight ?? 0.1));
    }

    /// <inheritdoc cref="IgnoreStyle(NetworkTraining, ILabelPredictor, Schedule?)"/>
    public static NetworkTraining IgnoreStyle(
        this NetworkTraining training,
        nn.Module<Tensor, Tensor> style,
        Schedule? weight = null
    ) => training.IgnoreStyle(style.AsPart(), weight);
}
