using TransferLearning.Network;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// The input layer of one domain in a network whose trunk others share (Huang et al. 2013): it reads the first
    /// columns of rows that were brought to one width. A branch for <see cref="PerDomainExtractor"/>.
    /// </summary>
    /// <param name="layer">From the domain's columns to the width that the trunk takes.</param>
    /// <param name="columns">How many columns the domain has.</param>
    public static IFeatureExtractor OwnInput(IFeatureExtractor layer, long columns)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return ExtractorChain.Of(new LeadingColumns(columns), layer);
    }

    /// <inheritdoc cref="OwnInput(IFeatureExtractor, long)"/>
    public static IFeatureExtractor OwnInput(nn.Module<Tensor, Tensor> layer, long columns) =>
        OwnInput(layer.AsPart(), columns);
}
