using TransferLearning.Network;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// DHN (Zhu et al. 2016): codes by the likelihood of labeled pairs and a smooth distance from signs; then labels by
    /// the codes. The target plays no part in the training.
    /// </summary>
    /// <param name="extractor">The extractor below the codes.</param>
    /// <param name="hash">Features to codes, a <c>HashLayer</c>.</param>
    /// <param name="classes">How many classes the labels have.</param>
    /// <param name="quantization">The weight of the distance from signs. Default 0.1.</param>
    public static AdaptationBuilder Dhn(
        IFeatureExtractor extractor,
        IFeatureExtractor hash,
        int classes,
        double quantization = 0.1
    ) =>
        Coded(extractor, hash, classes, net => net.Minimize(new PairwiseHashing { QuantizationWeight = quantization }));

    /// <inheritdoc cref="Dhn(IFeatureExtractor, IFeatureExtractor, int, double)"/>
    public static AdaptationBuilder Dhn(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> hash,
        int classes,
        double quantization = 0.1
    ) => Dhn(extractor.AsPart(), hash.AsPart(), classes, quantization);
}
