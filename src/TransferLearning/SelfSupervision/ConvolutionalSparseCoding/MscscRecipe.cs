using TransferLearning.SelfSupervision;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// MSCSC (Chang et al. 2018): filters of several sizes from images without labels, and what these find in an image
    /// as features. A map for <c>Map</c>.
    /// </summary>
    /// <param name="channels">How many channels an image has.</param>
    /// <param name="height">How many rows of pixels it has.</param>
    /// <param name="width">How many columns of pixels it has.</param>
    /// <param name="sizes">The sides of the filters of each scale. Default 5 and 9.</param>
    /// <param name="filters">How many filters each scale has. Default 16.</param>
    /// <param name="sparsity">The price of the codes' sizes. Default 0.2.</param>
    public static ConvolutionalSparseCoding Mscsc(
        long channels,
        long height,
        long width,
        IReadOnlyList<long>? sizes = null,
        int filters = 16,
        double sparsity = 0.2
    ) => new(channels, height, width, sizes) { Filters = filters, Sparsity = sparsity };
}
