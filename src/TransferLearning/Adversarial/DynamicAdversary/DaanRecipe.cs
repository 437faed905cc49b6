using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// DAAN (Yu et al. 2019): cross-entropy, a critic of the domains and one of each class, whose balance follows from
    /// their errors.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="critic">The critic of the domains, features to one logit.</param>
    /// <param name="classCritics">One critic a class, features to one logit.</param>
    /// <param name="reversal">
    /// The factor of the reversed gradient over progress. Default the ramp from 0 to 1, gamma 10.
    /// </param>
    /// <param name="criterion">What the critics minimize. Default cross-entropy.</param>
    public static AdaptationBuilder Daan(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IDomainCritic critic,
        IReadOnlyList<IDomainCritic> classCritics,
        Schedule? reversal = null,
        CriticLoss criterion = CriticLoss.CrossEntropy
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(new CrossEntropy()).OpposeDynamically(critic, classCritics, reversal, criterion)
        );

    /// <inheritdoc cref="Daan(IFeatureExtractor, ILabelPredictor, IDomainCritic, IReadOnlyList{IDomainCritic}, Schedule?, CriticLoss)"/>
    public static AdaptationBuilder Daan(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> critic,
        IReadOnlyList<nn.Module<Tensor, Tensor>> classCritics,
        Schedule? reversal = null,
        CriticLoss criterion = CriticLoss.CrossEntropy
    )
    {
        ArgumentNullException.ThrowIfNull(classCritics);
        return Daan(
            extractor.AsPart(),
            predictor.AsPart(),
            critic.AsPart(),
            [.. classCritics.Select(one => one.AsPart())],
            reversal,
            criterion
        );
    }
}
