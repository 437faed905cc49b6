using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>Verbs for Wasserstein-guided training.</summary>
public static class WassersteinGuidanceVerbs
{
    /// <summary>Guides the extractor by the Wasserstein distance of the domains' features: WDGRL.</summary>
    /// <remarks>Before each step of the main phase the critic alone takes some steps toward its optimum.</remarks>
    /// <param name="training">The training.</param>
    /// <param name="critic">The critic, features to one number.</param>
    /// <param name="weight">The weight of the distance over progress. Default 1, the paper's for digits.</param>
    /// <param name="criticSteps">Steps of the critic for each step of the network. Default 5.</param>
    /// <param name="penalty">The coefficient of the gradient penalty. Default 10.</param>
    public static NetworkTraining GuideByWasserstein(
        this NetworkTraining training,
        IDomainCritic critic,
        Schedule? weight = null,
        int criticSteps = 5,
        double penalty = 10
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(critic);
        Internal.Guard.NotNegative(penalty);
        training.Before(phase =>
            phase.Move(critic).Minimize(new WassersteinCritic(critic, penalty)).Repeat(criticSteps)
        );
        return training.Minimize(new WassersteinGap(critic), weight);
    }

    /// <inheritdoc cref="GuideByWasserstein(NetworkTraining, IDomainCritic, Schedule?, int, double)"/>
    public static NetworkTraining GuideByWasserstein(
        this NetworkTraining training,
        nn.Module<Tensor, Tensor> critic,
        Schedule? weight = null,
        int criticSteps = 5,
        double penalty = 10
    ) => training.GuideByWasserstein(critic.AsPart(), weight, criticSteps, penalty);
}
