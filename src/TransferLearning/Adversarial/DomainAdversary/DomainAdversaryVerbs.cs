using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>Verbs for domain-adversarial training.</summary>
public static class DomainAdversaryVerbs
{
    /// <summary>Opposes the extractor with a critic by gradient reversal: DANN.</summary>
    /// <param name="training">The training.</param>
    /// <param name="critic">The critic; it is moved by the main phase.</param>
    /// <param name="weight">
    /// The factor of the reversed gradient over progress. Default the paper's ramp, <see cref="Schedule.SigmoidRamp"/>.
    /// </param>
    /// <param name="weights">Further weights of the source rows, or null.</param>
    /// <param name="criterion">What the critic minimizes. Default cross-entropy.</param>
    public static NetworkTraining Oppose(
        this NetworkTraining training,
        IDomainCritic critic,
        Schedule? weight = null,
        IRowWeights? weights = null,
        CriticLoss criterion = CriticLoss.CrossEntropy
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(critic);
        training.Main.Move(critic);
        return training.Minimize(new DomainAdversary(critic, weight, weights) { Criterion = criterion });
    }

    /// <inheritdoc cref="Oppose(NetworkTraining, IDomainCritic, Schedule?, IRowWeights?, CriticLoss)"/>
    public static NetworkTraining Oppose(
        this NetworkTraining training,
        nn.Module<Tensor, Tensor> critic,
        Schedule? weight = null,
        IRowWeights? weights = null,
        CriticLoss criterion = CriticLoss.CrossEntropy
    ) => training.Oppose(critic.AsPart(), weight, weights, criterion);
}
