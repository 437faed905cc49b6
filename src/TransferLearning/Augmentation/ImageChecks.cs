using System.Runtime.CompilerServices;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>Checks of images and of numbers that each image has of its own. Opens no scopes.</summary>
internal static class ImageChecks
{
    /// <summary>The tensor must be images <c>[n, channels, height, width]</c> of a floating dtype.</summary>
    public static void Images(Tensor images, [CallerArgumentExpression(nameof(images))] string name = "")
    {
        Guard.Alive(images, name);
        if (images.dim() != 4 || !images.is_floating_point())
        {
            throw new ArgumentException(
                $"{name} must be images [n, channels, height, width] of a floating dtype; got {Shape.Of(images)}. "
                    + "Reshape rows to images first, or use a view of features.",
                name
            );
        }
    }

    /// <summary>One number an image, as <c>[n, 1, 1, 1]</c> of the images' dtype and device.</summary>
    public static Tensor PerImage(
        Tensor numbers,
        Tensor images,
        [CallerArgumentExpression(nameof(numbers))] string name = ""
    ) => Numbers(numbers, images, name).view(-1, 1, 1, 1);

    /// <summary>One number an image, <c>[n]</c> of the images' dtype and device.</summary>
    public static Tensor Numbers(
        Tensor numbers,
        Tensor images,
        [CallerArgumentExpression(nameof(numbers))] string name = ""
    )
    {
        Guard.Alive(numbers, name);
        if (numbers.dim() != 1 || numbers.shape[0] != images.shape[0])
        {
            throw new ArgumentException(
                $"{name} must be one number an image, [{images.shape[0]}]; got {Shape.Of(numbers)}.",
                name
            );
        }
        return numbers.to(images.dtype, images.device);
    }
}
