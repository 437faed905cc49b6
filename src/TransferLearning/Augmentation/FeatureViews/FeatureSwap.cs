using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>
/// Replaces some numbers of each row by the same feature of other rows of the batch: a draw from the feature's own
/// distribution, in any unit.
/// </summary>
/// <remarks>
/// Each number is drawn by itself, and so is the row that it comes from (Bahri, Jiang, Tay and Metzler 2022, "SCARF:
/// Self-Supervised Contrastive Learning using Random Feature Corruption", which replaces a fixed number of features in
/// each row).
/// </remarks>
public sealed record FeatureSwap : IAugmentation
{
    /// <summary>The probability with which a number is replaced, from 0 to 1. Default 0.6, SCARF's.</summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double Probability { get; init; } = 0.6;

    /// <inheritdoc />
    public Tensor Apply(Tensor inputs, RandomKey key)
    {
        Guard.Alive(inputs);
        Guard.Options(this);
        if (inputs.shape[0] == 0)
        {
            return inputs.clone();
        }
        using var scope = NewDisposeScope();
        var swapped = RowDraws.Uniform(inputs, key.Child(0), inputs.shape).lt(Probability);
        var rows = RowDraws.Whole(inputs, key.Child(1), inputs.shape[0], inputs.shape);
        return where(swapped, inputs.gather(0, rows), inputs).MoveToOuterDisposeScope();
    }
}
