using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>
/// Sets some numbers of each row to 0, each drawn by itself: for standardized features, whose mean 0 is. The others are
/// not scaled.
/// </summary>
public sealed record FeatureDropout : IAugmentation
{
    /// <summary>The probability with which a number is dropped, from 0 to 1. Default 0.1.</summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double Probability { get; init; } = 0.1;

    /// <inheritdoc />
    public Tensor Apply(Tensor inputs, RandomKey key)
    {
        Guard.Alive(inputs);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        var dropped = RowDraws.Uniform(inputs, key, inputs.shape).lt(Probability);
        return inputs.masked_fill(dropped, 0).MoveToOuterDisposeScope();
    }
}
