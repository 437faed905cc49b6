using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>Verbs for one-versus-all classifiers.</summary>
public static class OneVersusAllVerbs
{
    /// <summary>Trains a classifier of "of it" against "not of it" for each class: OVANet.</summary>
    /// <param name="training">The training.</param>
    /// <param name="heads">
    /// Features to <c>[n, 2 C]</c>; moved by the main phase. After the training,
    /// <see cref="UnknownRejectionVerbs.RejectUnknown"/> with an <see cref="OneVersusAllRule"/> of them.
    /// </param>
    /// <param name="weight">The weight of the target's entropy over progress. Default 0.1, the authors'.</param>
    public static NetworkTraining TellOneVersusAll(
        this NetworkTraining training,
        ILabelPredictor heads,
        Schedule? weight = null
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(heads);
        training.Main.Move(heads);
        return training.Minimize(new OneVersusAll(heads)).Minimize(new OneVersusAllEntropy(heads), weight ?? 0.1);
    }

    /// <inheritdoc cref="TellOneVersusAll(NetworkTraining, ILabelPredictor, Schedule?)"/>
    public static NetworkTraining TellOneVersusAll(
        this NetworkTraining training,
        nn.Module<Tensor, Tensor> heads,
        Schedule? weight = null
    ) => training.TellOneVersusAll(heads.AsPart(), weight);
}
