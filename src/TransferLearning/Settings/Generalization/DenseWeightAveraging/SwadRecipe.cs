using TransferLearning.Settings;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// SWAD (Cha et al. 2021): the mean risk of the sources, and at the end the mean of the weights while the loss on
    /// held-out source rows lay in its valley.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="validation">
    /// Labeled rows that the fit does not see: those held out of each source, in the sources' order, or one set of rows
    /// for all of them.
    /// </param>
    /// <param name="every">
    /// How many steps lie between two looks at these rows. Default 100, the authors' for PACS.
    /// </param>
    /// <param name="loss">What the labeled rows cost. Default the mean risk of the sources, ERM's.</param>
    public static AdaptationBuilder Swad(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IReadOnlyList<LabeledDomain> validation,
        int every = 100,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(loss ?? new SourceRisk()).Use(new DenseWeightAveraging(validation) { Every = every })
        );

    /// <inheritdoc cref="Swad(IFeatureExtractor, ILabelPredictor, IReadOnlyList{LabeledDomain}, int, IObjective?)"/>
    public static AdaptationBuilder Swad(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        IReadOnlyList<LabeledDomain> validation,
        int every = 100,
        IObjective? loss = null
    ) => Swad(extractor.AsPart(), predictor.AsPart(), validation, every, loss);
}
