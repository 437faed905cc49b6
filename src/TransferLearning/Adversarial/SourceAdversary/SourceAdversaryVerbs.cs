using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>Verbs for adversarial training between sources.</summary>
public static class SourceAdversaryVerbs
{
    /// <summary>Opposes the extractor with a critic that tells the sources apart.</summary>
    /// <param name="training">The training.</param>
    /// <param name="critic">The critic, one logit a source; it is moved by the main phase.</param>
    /// <param name="weight">The weight of the term over progress. Default 1.</param>
    /// <param name="reversal">The factor of the reversed gradient over progress. Default the ramp from 0 to 1.</param>
    /// <param name="isConditional">Whether the critic reads the label, too, and classes weigh alike.</param>
    public static NetworkTraining OpposeBetweenSources(
        this NetworkTraining training,
        ILabelPredictor critic,
        Schedule? weight = null,
        Schedule? reversal = null,
        bool isConditional = false
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        training.Main.Move(critic);
        return training.Minimize(new SourceAdversary(critic, reversal) { IsConditional = isConditional }, weight);
    }

    /// <inheritdoc cref="OpposeBetweenSources(NetworkTraining, ILabelPredictor, Schedule?, Schedule?, bool)"/>
    public static NetworkTraining OpposeBetweenSources(
        this NetworkTraining training,
        nn.Module<Tensor, Tensor> critic,
        Schedule? weight = null,
        Schedule? reversal = null,
        bool isConditional = false
    )
    {
        ArgumentNullException.ThrowIfNull(critic);
        return training.OpposeBetweenSources(critic.AsPart(), weight, reversal, isConditional);
    }
}
