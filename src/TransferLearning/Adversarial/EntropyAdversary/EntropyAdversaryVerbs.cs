using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>Verbs for adversarial entropy minimization.</summary>
public static class EntropyAdversaryVerbs
{
    /// <summary>Opposes the network with a critic of its predictions' self-information: ADVENT.</summary>
    /// <remarks>
    /// After each step of the main phase the critic alone takes a step on the predictions as they are.
    /// </remarks>
    /// <param name="training">The training.</param>
    /// <param name="critic">The critic, from as many numbers as classes to one logit.</param>
    /// <param name="weight">The weight of the network's term over progress. Default 0.001, the paper's.</param>
    /// <param name="criterion">What the critic minimizes. Default cross-entropy.</param>
    public static NetworkTraining OpposeByEntropy(
        this NetworkTraining training,
        IDomainCritic critic,
        Schedule? weight = null,
        CriticLoss criterion = CriticLoss.CrossEntropy
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        var adversary = new EntropyAdversary(critic) { Criterion = criterion };
        var own = new EntropyCritic(critic) { Criterion = criterion };
        return training.Minimize(adversary, weight ?? 0.001).Phase(phase => phase.Move(critic).Minimize(own));
    }

    /// <inheritdoc cref="OpposeByEntropy(NetworkTraining, IDomainCritic, Schedule?, CriticLoss)"/>
    public static NetworkTraining OpposeByEntropy(
        this NetworkTraining training,
        nn.Module<Tensor, Tensor> critic,
        Schedule? weight = null,
        CriticLoss criterion = CriticLoss.CrossEntropy
    ) => training.OpposeByEntropy(critic.AsPart(), weight, criterion);
}
