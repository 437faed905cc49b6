using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>Leaves each image as it is: among drawn operations the chance that nothing happens.</summary>
public sealed record Identity : IImageOperation
{
    /// <inheritdoc />
    public Tensor Apply(Tensor inputs, RandomKey key)
    {
        ImageChecks.Images(inputs);
        return inputs.clone();
    }

    /// <inheritdoc />
    public Tensor Apply(Tensor images, Tensor strengths)
    {
        ImageChecks.Images(images);
        return images.clone();
    }
}
