using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>Verbs for conditional domain-adversarial training.</summary>
public static class ConditionalDomainAdversaryVerbs
{
    /// <summary>Opposes the extractor with a critic of features and class predictions together: CDAN, CDAN+E.</summary>
    /// <param name="training">The training.</param>
    /// <param name="critic">
    /// The critic of rows as wide as the map makes them, classes times features by default; it is moved by the main
    /// phase.
    /// </param>
    /// <param name="map">The randomized map, or null for the exact one.</param>
    /// <param name="weight">
    /// The factor of the reversed gradient over progress. Default the ramp from 0 to 1,
    /// <see cref="Schedule.SigmoidRamp"/>.
    /// </param>
    /// <param name="entropy">Whether rows that are read surely count more, and how. Default none.</param>
    /// <param name="weights">Further weights of the source rows, or null.</param>
    /// <param name="criterion">What the critic minimizes. Default cross-entropy.</param>
    public static NetworkTraining OpposeConditionally(
        this NetworkTraining training,
        IDomainCritic critic,
        RandomizedMultilinearMap? map = null,
        Schedule? weight = null,
        EntropyConditioning entropy = EntropyConditioning.None,
        IRowWeights? weights = null,
        CriticLoss criterion = CriticLoss.CrossEntropy
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(critic);
        training.Main.Move(critic);
        return training.Minimize(
            new ConditionalDomainAdversary(critic, map, weight, weights) { Entropy = entropy, Criterion = criterion }
        );
    }

    /// <inheritdoc cref="OpposeConditionally(NetworkTraining, IDomainCritic, RandomizedMultilinearMap?, Schedule?, EntropyConditioning, IRowWeights?, CriticLoss)"/>
    public static NetworkTraining OpposeConditionally(
        this NetworkTraining training,
        nn.Module<Tensor, Tensor> critic,
        RandomizedMultilinearMap? map = null,
        Schedule? weight = null,
        EntropyConditioning entropy = EntropyConditioning.None,
        IRowWeights? weights = null,
        CriticLoss criterion = CriticLoss.CrossEntropy
    ) => training.OpposeConditionally(critic.AsPart(), map, weight, entropy, weights, criterion);
}
