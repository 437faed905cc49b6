using TransferLearning.Settings;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// NRC (Yang et al. 2021): a trained network learns the target alone, each row from its nearest rows and most from
    /// mutual ones.
    /// </summary>
    /// <remarks>
    /// Both parts must be trained on the source before. No source row is looked at: fit it with
    /// <see cref="AdaptationBuilder.FitSourceFree"/>, or with a source all the same.
    /// </remarks>
    /// <param name="extractor">The trained extractor.</param>
    /// <param name="predictor">The trained label predictor; it moves, too.</param>
    /// <param name="neighbors">How many nearest rows a row learns from. Default 5.</param>
    /// <param name="expanded">How many nearest rows of each of those. Default 5.</param>
    public static AdaptationBuilder Nrc(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        int neighbors = 5,
        int expanded = 5
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(new NeighborhoodReciprocity { Neighbors = neighbors, Expanded = expanded })
        );

    /// <inheritdoc cref="Nrc(IFeatureExtractor, ILabelPredictor, int, int)"/>
    public static AdaptationBuilder Nrc(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        int neighbors = 5,
        int expanded = 5
    ) => Nrc(extractor.AsPart(), predictor.AsPart(), neighbors, expanded);
}
