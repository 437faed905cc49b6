using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>Verbs for dynamic adversarial adaptation.</summary>
public static class DynamicAdversaryVerbs
{
    /// <summary>
    /// Opposes the extractor with a critic of the domains and one of each class, in a balance that follows from their
    /// errors: DAAN.
    /// </summary>
    /// <param name="training">The training.</param>
    /// <param name="critic">The critic of the features; it is moved by the main phase.</param>
    /// <param name="classCritics">One critic a class, of features as well; they are moved by the main phase.</param>
    /// <param name="weight">
    /// The factor of the reversed gradient over progress. Default the ramp from 0 to 1,
    /// <see cref="Schedule.SigmoidRamp"/>.
    /// </param>
    /// <param name="criterion">What the critics minimize. Default cross-entropy.</param>
    public static NetworkTraining OpposeDynamically(
        this NetworkTraining training,
        IDomainCritic critic,
        IReadOnlyList<IDomainCritic> classCritics,
        Schedule? weight = null,
        CriticLoss criterion = CriticLoss.CrossEntropy
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        var adversary = new DynamicAdversary(critic, classCritics, weight) { Criterion = criterion };
        training.Main.Move([.. adversary.Parts]);
        return training.Minimize(adversary);
    }

    /// <inheritdoc cref="OpposeDynamically(NetworkTraining, IDomainCritic, IReadOnlyList{IDomainCritic}, Schedule?, CriticLoss)"/>
    public static NetworkTraining OpposeDynamically(
        this NetworkTraining training,
        nn.Module<Tensor, Tensor> critic,
        IReadOnlyList<nn.Module<Tensor, Tensor>> classCritics,
        Schedule? weight = null,
        CriticLoss criterion = CriticLoss.CrossEntropy
    )
    {
        ArgumentNullException.ThrowIfNull(classCritics);
        return training.OpposeDynamically(
            critic.AsPart(),
            [.. classCritics.Select(one => one.AsPart())],
            weight,
            criterion
        );
    }
}
