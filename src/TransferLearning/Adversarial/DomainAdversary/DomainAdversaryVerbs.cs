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
    public static NetworkTraining Oppose(
        this NetworkTraining training,
        IDomainCritic critic,
        Schedule? weight = null,
        IRowWeights? weights = null
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(critic);
        training.Main.Move(critic);
        return training.Minimize(new DomainAdversary(critic, weight, weights));
    }

    /// <inheritdoc cref="Oppose(NetworkTraining, IDomainCritic, Schedule?, IRowWeights?)"/>
    public static NetworkTraining Oppose(
        this NetworkTraining training,
        nn.Module<Tensor, Tensor> critic,
        Schedule? weight = null,
        IRowWeights? weights = null
    ) => training.Oppose(critic.AsPart(), weight, weights);
}
