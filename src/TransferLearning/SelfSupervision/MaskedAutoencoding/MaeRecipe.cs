using TransferLearning.SelfSupervision;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// MAE (He et al. 2022) for vectors: features that were struck out are rebuilt from the others. An objective for
    /// <c>SelfSupervise</c>.
    /// </summary>
    /// <param name="decoder">Features to inputs.</param>
    /// <param name="struck">The share of features that are struck out. Default 0.75.</param>
    public static MaskedAutoencoding Mae(ILabelPredictor decoder, double struck = 0.75) =>
        new(decoder) { Share = struck };

    /// <inheritdoc cref="Mae(ILabelPredictor, double)"/>
    public static MaskedAutoencoding Mae(nn.Module<Tensor, Tensor> decoder, double struck = 0.75) =>
        Mae(decoder.AsPart(), struck);
}
