using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>Adds Gaussian noise to every number of a row: of images and of features alike.</summary>
public sealed record GaussianNoise : IAugmentation
{
    /// <summary>The noise's standard deviation, not negative. Default 0.1.</summary>
    [OptionRange(AtLeast = 0)]
    public double Deviation { get; init; } = 0.1;

    /// <summary>
    /// Whether the deviation is a share of each feature's own over the rows: for features in different units. Default
    /// false.
    /// </summary>
    public bool IsRelative { get; init; }

    /// <inheritdoc />
    public Tensor Apply(Tensor inputs, RandomKey key)
    {
        Guard.Alive(inputs);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        using var generator = key.Generator();
        var noise = randn(inputs.shape, generator: generator).to(inputs.dtype, inputs.device) * Deviation;
        if (IsRelative)
        {
            noise *= inputs.std(0, unbiased: false, keepdim: true);
        }
        return (inputs + noise).MoveToOuterDisposeScope();
    }
}
