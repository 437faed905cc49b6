using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>An augmentation of some rows, each drawn by itself; the others stay as they are.</summary>
/// <param name="inner">The augmentation.</param>
public sealed class Sometimes(IAugmentation inner) : IAugmentation
{
    private readonly IAugmentation inner = inner ?? throw new ArgumentNullException(nameof(inner));

    /// <summary>The probability with which a row is changed, from 0 to 1. Default 0.5.</summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double Probability { get; init; } = 0.5;

    /// <inheritdoc />
    public Tensor Apply(Tensor inputs, RandomKey key)
    {
        Guard.Alive(inputs);
        Guard.Options(this);
        var random = key.Child(0).Random();
        var drawn = new List<long>();
        for (long row = 0; row < inputs.shape[0]; row++)
        {
            if (random.NextDouble() < Probability)
            {
                drawn.Add(row);
            }
        }
        if (drawn.Count == 0)
        {
            return inputs.clone();
        }
        using var scope = NewDisposeScope();
        var rows = tensor(drawn, int64, inputs.device);
        var changed = inner.Apply(inputs.index_select(0, rows), key.Child(1));
        return inputs.clone().index_copy_(0, rows, changed).MoveToOuterDisposeScope();
    }
}
