using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>Verbs for critics at several layers.</summary>
public static class LayerAdversaryVerbs
{
    /// <summary>
    /// Opposes the extractor with a critic at each of its links or tapped layers, by gradient reversal.
    /// </summary>
    /// <param name="training">
    /// The training, whose extractor is an <see cref="ExtractorChain"/> or a <see cref="TappedExtractor"/>.
    /// </param>
    /// <param name="critics">
    /// One critic a link, or a tapped layer and the features behind, in their order; null leaves a layer alone. They
    /// are moved by the main phase.
    /// </param>
    /// <param name="weight">
    /// The factor of the reversed gradient over progress. Default the ramp from 0 to 1,
    /// <see cref="Schedule.SigmoidRamp"/>.
    /// </param>
    /// <param name="criterion">What the critics minimize. Default cross-entropy.</param>
    public static NetworkTraining OpposeAtLayers(
        this NetworkTraining training,
        IReadOnlyList<IDomainCritic?> critics,
        Schedule? weight = null,
        CriticLoss criterion = CriticLoss.CrossEntropy
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        var adversary = new LayerAdversary(critics, weight) { Criterion = criterion };
        training.Main.Move([.. adversary.Parts]);
        return training.Minimize(adversary);
    }

    /// <inheritdoc cref="OpposeAtLayers(NetworkTraining, IReadOnlyList{IDomainCritic?}, Schedule?, CriticLoss)"/>
    public static NetworkTraining OpposeAtLayers(
        this NetworkTraining training,
        IReadOnlyList<nn.Module<Tensor, Tensor>?> critics,
        Schedule? weight = null,
        CriticLoss criterion = CriticLoss.CrossEntropy
    )
    {
        ArgumentNullException.ThrowIfNull(critics);
        return training.OpposeAtLayers(
            [.. critics.Select(critic => (IDomainCritic?)critic?.AsPart())],
            weight,
            criterion
        );
    }
}
