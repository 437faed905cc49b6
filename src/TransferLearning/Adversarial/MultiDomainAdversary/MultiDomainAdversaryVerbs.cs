using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>Verbs for a critic that tells every domain apart.</summary>
public static class MultiDomainAdversaryVerbs
{
    /// <summary>Opposes the extractor with a critic that tells the target and each source apart: CoDATS.</summary>
    /// <param name="training">The training.</param>
    /// <param name="critic">
    /// The critic, one logit for each target and one for each source; it is moved by the main phase.
    /// </param>
    /// <param name="reversal">The factor of the reversed gradient over progress. Default the ramp from 0 to 1.</param>
    /// <param name="weight">The weight of the term over progress. Default 1.</param>
    /// <param name="targets">How many joined targets the critic tells apart. Default 1, all together.</param>
    public static NetworkTraining OpposeEveryDomain(
        this NetworkTraining training,
        ILabelPredictor critic,
        Schedule? reversal = null,
        Schedule? weight = null,
        int targets = 1
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(critic);
        training.Main.Move(critic);
        return training.Minimize(new MultiDomainAdversary(critic, reversal) { Targets = targets }, weight);
    }

    /// <inheritdoc cref="OpposeEveryDomain(NetworkTraining, ILabelPredictor, Schedule?, Schedule?, int)"/>
    public static NetworkTraining OpposeEveryDomain(
        this NetworkTraining training,
        nn.Module<Tensor, Tensor> critic,
        Schedule? reversal = null,
        Schedule? weight = null,
        int targets = 1
    )
    {
        ArgumentNullException.ThrowIfNull(critic);
        return training.OpposeEveryDomain(critic.AsPart(), reversal, weight, targets);
    }
}
