using TransferLearning.Network;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// SHL-MDNN (Huang et al. 2013): hidden layers that all sources train, and a head for each.
    /// </summary>
    /// <param name="extractor">The hidden layers that all share.</param>
    /// <param name="heads">A head for each source.</param>
    /// <param name="loss">What the labeled rows cost. Default the cross-entropy of each head on its source.</param>
    public static AdaptationBuilder ShlMdnn(IFeatureExtractor extractor, OwnHeads heads, IObjective? loss = null) =>
        new AdaptationBuilder().Train(extractor, heads, net => net.Minimize(loss ?? new OwnHeadCrossEntropy()));

    /// <inheritdoc cref="ShlMdnn(IFeatureExtractor, OwnHeads, IObjective?)"/>
    public static AdaptationBuilder ShlMdnn(
        nn.Module<Tensor, Tensor> extractor,
        OwnHeads heads,
        IObjective? loss = null
    ) => ShlMdnn(extractor.AsPart(), heads, loss);
}
