using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>Verbs for adversarial training with a critic for each class.</summary>
public static class SelectiveAdversaryVerbs
{
    /// <summary>Opposes the extractor with a critic for each class: SAN.</summary>
    /// <param name="training">The training.</param>
    /// <param name="critics">One critic a class, in the classes' order; they are moved by the main phase.</param>
    /// <param name="weight">The weight of their loss over progress. Default 0.1, the authors'.</param>
    /// <param name="reversal">The factor of the reversed gradient over progress. Default a ramp from 0 to 1.</param>
    /// <param name="sharpness">The factor of the scores. Default 10.</param>
    /// <param name="criterion">What the critics minimize. Default cross-entropy.</param>
    public static NetworkTraining OpposeEachClass(
        this NetworkTraining training,
        IReadOnlyList<IDomainCritic> critics,
        Schedule? weight = null,
        Schedule? reversal = null,
        double sharpness = 10,
        CriticLoss criterion = CriticLoss.CrossEntropy
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        var adversary = new SelectiveAdversary(critics, reversal) { Sharpness = sharpness, Criterion = criterion };
        training.Main.Move([.. adversary.Parts]);
        return training.Minimize(adversary, weight ?? 0.1);
    }

    /// <inheritdoc cref="OpposeEachClass(NetworkTraining, IReadOnlyList{IDomainCritic}, Schedule?, Schedule?, double, CriticLoss)"/>
    public static NetworkTraining OpposeEachClass(
        this NetworkTraining training,
        IReadOnlyList<nn.Module<Tensor, Tensor>> critics,
        Schedule? weight = null,
        Schedule? reversal = null,
        double sharpness = 10,
        CriticLoss criterion = CriticLoss.CrossEntropy
    )
    {
        ArgumentNullException.ThrowIfNull(critics);
        return training.OpposeEachClass(
            [.. critics.Select(critic => (IDomainCritic)critic.AsPart())],
            weight,
            reversal,
            sharpness,
            criterion
        );
    }
}
