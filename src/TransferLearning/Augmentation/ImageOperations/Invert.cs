using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>Makes each image its negative, <c>1 - x</c>. Strength has no part in it.</summary>
public sealed record Invert : IImageOperation
{
    /// <inheritdoc />
    public Tensor Apply(Tensor inputs, RandomKey key)
    {
        ImageChecks.Images(inputs);
        return Of(inputs);
    }

    /// <inheritdoc />
    public Tensor Apply(Tensor images, Tensor strengths) => Of(images);

    /// <summary>Negatives.</summary>
    /// <param name="images">Images <c>[n, channels, height, width]</c> from 0 to 1.</param>
    /// <returns>The images, of the same shape; the caller disposes them.</returns>
    public static Tensor Of(Tensor images)
    {
        ImageChecks.Images(images);
        using var scope = NewDisposeScope();
        return (1 - images).MoveToOuterDisposeScope();
    }
}
