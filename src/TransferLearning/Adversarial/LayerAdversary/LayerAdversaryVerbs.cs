using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>Verbs for critics at several layers.</summary>
public static class LayerAdversaryVerbs
{
    /// <summary>Opposes the extractor with a critic at each of its links, by gradient reversal.</summary>
    /// <param name="training">The training, whose extractor is an <see cref="ExtractorChain"/>.</param>
    /// <param name="critics">
    /// One critic a link, in the links' order; null leaves a link alone. They are moved by the main phase.
    /// </param>
    /// <param name="weight">
    /// The factor of the reversed gradient over progress. Default the ramp from 0 to 1,
    /// <see cref="Schedule.SigmoidRamp"/>.
    /// </param>
    public static NetworkTraining OpposeAtLayers(
        this NetworkTraining training,
        IReadOnlyList<IDomainCritic?> critics,
        Schedule? weight = null
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        var adversary = new LayerAdversary(critics, weight);
        training.Main.Move([.. adversary.Parts]);
        return training.Minimize(adversary);
    }

    /// <inheritdoc cref="OpposeAtLayers(NetworkTraining, IReadOnlyList{IDomainCritic?}, Schedule?)"/>
    public static NetworkTraining OpposeAtLayers(
        this NetworkTraining training,
        IReadOnlyList<nn.Module<Tensor, Tensor>?> critics,
        Schedule? weight = null
    )
    {
        ArgumentNullException.ThrowIfNull(critics);
        return training.OpposeAtLayers([.. critics.Select(critic => (IDomainCritic?)critic?.AsPart())], weight);
    }
}
