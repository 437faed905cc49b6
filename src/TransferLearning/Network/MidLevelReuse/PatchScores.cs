using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>Scores of whole images from the class probabilities of their patches.</summary>
/// <remarks>
/// <c>score(c) = 1/M sum_i p_i(c)^k</c> over the M patches of an image; a power k above 1 lets the patches that are
/// sure decide (Oquab, Bottou, Laptev and Sivic 2014, equation 5).
/// </remarks>
public static class PatchScores
{
    /// <summary>The scores of some images.</summary>
    /// <param name="probabilities">Class probabilities of all patches <c>[m, C]</c>.</param>
    /// <param name="images">The image that each patch is of, from 0, int64 <c>[m]</c>.</param>
    /// <param name="count">How many images there are.</param>
    /// <param name="power">The power k, at least 1. Default 5, the authors'.</param>
    /// <returns>Scores <c>[count, C]</c>, 0 for an image without patches; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">There is not one image for each patch, or one is none of them.</exception>
    public static Tensor Of(Tensor probabilities, Tensor images, long count, double power = 5)
    {
        Guard.Rows(probabilities);
        Guard.Alive(images);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(power, 1);
        if (images.dim() != 1 || images.shape[0] != probabilities.shape[0] || images.dtype != ScalarType.Int64)
        {
            throw new ArgumentException(
                $"images must be int64 [{probabilities.shape[0]}], one a patch; got {Shape.Of(images)}.",
                nameof(images)
            );
        }
        using var scope = NewDisposeScope();
        if (images.lt(0).any().item<bool>() || images.ge(count).any().item<bool>())
        {
            throw new ArgumentException(
                $"images must be numbers from 0 to {count - 1}; got {images.min().item<long>()} to "
                    + $"{images.max().item<long>()}.",
                nameof(images)
            );
        }
        var sums = zeros([count, probabilities.shape[1]], probabilities.dtype, probabilities.device)
            .index_add(0, images, probabilities.pow(power), 1);
        var patches = zeros([count], probabilities.dtype, probabilities.device)
            .index_add(0, images, ones_like(images, probabilities.dtype), 1);
        return (sums / patches.clamp_min(1).unsqueeze(1)).MoveToOuterDisposeScope();
    }
}
