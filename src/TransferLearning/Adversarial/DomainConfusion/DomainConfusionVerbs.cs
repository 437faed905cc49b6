using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>Verbs for domain confusion.</summary>
public static class DomainConfusionVerbs
{
    /// <summary>Confuses a critic that learns by itself to tell the domains apart: domain confusion.</summary>
    /// <remarks>Before each step of the main phase the critic alone takes a step on the features as they are.</remarks>
    /// <param name="training">The training.</param>
    /// <param name="critic">The critic, features to one logit.</param>
    /// <param name="weight">The weight of the confusion over progress. Default 0.01, the paper's.</param>
    public static NetworkTraining ConfuseDomains(
        this NetworkTraining training,
        IDomainCritic critic,
        Schedule? weight = null
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        var confusion = new DomainConfusion(critic);
        return training
            .Before(phase => phase.Move(critic).Minimize(new DomainAdversary(critic, reversal: 0)))
            .Minimize(confusion, weight ?? 0.01);
    }

    /// <inheritdoc cref="ConfuseDomains(NetworkTraining, IDomainCritic, Schedule?)"/>
    public static NetworkTraining ConfuseDomains(
        this NetworkTraining training,
        nn.Module<Tensor, Tensor> critic,
        Schedule? weight = null
    ) => training.ConfuseDomains(critic.AsPart(), weight);
}
