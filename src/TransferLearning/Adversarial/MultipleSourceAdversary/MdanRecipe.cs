using TransferLearning.Adversarial;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// MDAN (Zhao et al. 2018), for several sources: each has a critic against the target, and sources count by how bad
    /// they are.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="critics">One critic a source, features to one logit, in the sources' order.</param>
    /// <param name="combination">How the sources come together: the soft or the hard version. Default soft.</param>
    /// <param name="reversal">The factor of the reversed gradient over progress. Default 1.</param>
    /// <param name="criticFactor">The factor of the critics' losses. Default 0.01.</param>
    /// <param name="sharpness">The sharpness of the soft version. Default 10.</param>
    /// <param name="criterion">What the critics minimize. Default cross-entropy.</param>
    public static AdaptationBuilder Mdan(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IReadOnlyList<IDomainCritic> critics,
        SourceCombination combination = SourceCombination.Soft,
        Schedule? reversal = null,
        double criticFactor = 0.01,
        double sharpness = 10,
        CriticLoss criterion = CriticLoss.CrossEntropy
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.OpposeEachSource(critics, combination, reversal, criticFactor, sharpness, criterion)
        );

    /// <inheritdoc cref="Mdan(IFeatureExtractor, ILabelPredictor, IReadOnlyList{IDomainCritic}, SourceCombination, Schedule?, double, double, CriticLoss)"/>
    public static AdaptationBuilder Mdan(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        IReadOnlyList<nn.Module<Tensor, Tensor>> critics,
        SourceCombination combination = SourceCombination.Soft,
        Schedule? reversal = null,
        double criticFactor = 0.01,
        double sharpness = 10,
        CriticLoss criterion = CriticLoss.CrossEntropy
    )
    {
        ArgumentNullException.ThrowIfNull(critics);
        return Mdan(
            extractor.AsPart(),
            predictor.AsPart(),
            [.. critics.Select(critic => (IDomainCritic)critic.AsPart())],
            combination,
            reversal,
            criticFactor,
            sharpness,
            criterion
        );
    }
}
