using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>
/// Mirrors each image, left to right, with some probability. Not for digits, letters and whatever else is another thing
/// in the mirror.
/// </summary>
public sealed record HorizontalFlip : IAugmentation
{
    /// <summary>The probability with which an image is mirrored, from 0 to 1. Default 0.5.</summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double Probability { get; init; } = 0.5;

    /// <inheritdoc />
    public Tensor Apply(Tensor inputs, RandomKey key)
    {
        ImageChecks.Images(inputs);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        var drawn = RowDraws.Uniform(inputs, key, inputs.shape[0], 1, 1, 1).lt(Probability);
        return where(drawn, inputs.flip(3), inputs).MoveToOuterDisposeScope();
    }
}
