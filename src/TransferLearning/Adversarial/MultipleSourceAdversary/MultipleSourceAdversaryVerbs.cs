using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>Verbs for adversarial training on several sources.</summary>
public static class MultipleSourceAdversaryVerbs
{
    /// <summary>
    /// Learns the labels of several sources and opposes the extractor with a critic of each against the target: MDAN.
    /// </summary>
    /// <param name="training">The training; it needs no cross-entropy of its own.</param>
    /// <param name="critics">One critic a source, in the sources' order; they are moved by the main phase.</param>
    /// <param name="combination">How the sources come together. Default soft.</param>
    /// <param name="reversal">The factor of the reversed gradient over progress. Default 1.</param>
    /// <param name="criticFactor">The factor of the critics' losses. Default 0.01.</param>
    /// <param name="sharpness">The sharpness of the soft version. Default 10.</param>
    /// <param name="criterion">What the critics minimize. Default cross-entropy.</param>
    public static NetworkTraining OpposeEachSource(
        this NetworkTraining training,
        IReadOnlyList<IDomainCritic> critics,
        SourceCombination combination = SourceCombination.Soft,
        Schedule? reversal = null,
        double criticFactor = 0.01,
        double sharpness = 10,
        CriticLoss criterion = CriticLoss.CrossEntropy
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        var adversary = new MultipleSourceAdversary(critics, reversal)
        {
            Combination = combination,
            CriticFactor = criticFactor,
            Sharpness = sharpness,
            Criterion = criterion,
        };
        training.Main.Move([.. adversary.Parts]);
        return training.Minimize(adversary);
    }

    /// <inheritdoc cref="OpposeEachSource(NetworkTraining, IReadOnlyList{IDomainCritic}, SourceCombination, Schedule?, double, double, CriticLoss)"/>
    public static NetworkTraining OpposeEachSource(
        this NetworkTraining training,
        IReadOnlyList<nn.Module<Tensor, Tensor>> critics,
        SourceCombination combination = SourceCombination.Soft,
        Schedule? reversal = null,
        double criticFactor = 0.01,
        double sharpness = 10,
        CriticLoss criterion = CriticLoss.CrossEntropy
    )
    {
        ArgumentNullException.ThrowIfNull(critics);
        return training.OpposeEachSource(
            [.. critics.Select(critic => (IDomainCritic)critic.AsPart())],
            combination,
            reversal,
            criticFactor,
            sharpness,
            criterion
        );
    }
}
