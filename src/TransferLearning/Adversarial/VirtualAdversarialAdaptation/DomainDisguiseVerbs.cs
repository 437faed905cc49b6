using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>Verbs for adversarial training in turns.</summary>
public static class DomainDisguiseVerbs
{
    /// <summary>
    /// Opposes the extractor with a critic in turns and not by a reversed gradient: the non-saturating game.
    /// </summary>
    /// <remarks>Before each step of the main phase the critic alone takes a step on the features as they are.</remarks>
    /// <param name="training">The training.</param>
    /// <param name="critic">The critic, features to one logit.</param>
    /// <param name="weight">The weight of the extractor's term over progress. Default 1.</param>
    /// <param name="criterion">What the critic minimizes. Default cross-entropy.</param>
    /// <param name="weights">Further weights of the source rows, in both terms, or null.</param>
    public static NetworkTraining OpposeInTurns(
        this NetworkTraining training,
        IDomainCritic critic,
        Schedule? weight = null,
        CriticLoss criterion = CriticLoss.CrossEntropy,
        IRowWeights? weights = null
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        var disguise = new DomainDisguise(critic, weights) { Criterion = criterion };
        return training
            .Before(phase =>
                phase.Move(critic).Minimize(new DomainAdversary(critic, reversal: 0, weights) { Criterion = criterion })
            )
            .Minimize(disguise, weight);
    }

    /// <inheritdoc cref="OpposeInTurns(NetworkTraining, IDomainCritic, Schedule?, CriticLoss, IRowWeights?)"/>
    public static NetworkTraining OpposeInTurns(
        this NetworkTraining training,
        nn.Module<Tensor, Tensor> critic,
        Schedule? weight = null,
        CriticLoss criterion = CriticLoss.CrossEntropy,
        IRowWeights? weights = null
    ) => training.OpposeInTurns(critic.AsPart(), weight, criterion, weights);
}
