using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>
/// TrivialAugment: one operation on each image, drawn evenly from a pool, of a strength drawn evenly from 31 steps.
/// </summary>
/// <remarks>
/// Strengths are <c>j / 30</c> with j from 0 to 30, the direction is drawn as well (Müller and Hutter 2021,
/// "TrivialAugment: Tuning-free Yet State-of-the-Art Data Augmentation"; the wide space, TA (Wide), in torchvision's
/// ranges). It has nothing to tune. Images are <c>[n, channels, height, width]</c> from 0 to 1; for others see
/// <see cref="InImageRange"/>.
/// </remarks>
public sealed record TrivialAugment : IAugmentation
{
    /// <summary>What is drawn from. Default <see cref="ImagePools.Wide"/>.</summary>
    public IReadOnlyList<IImageOperation> Pool { get; init; } = ImagePools.Wide;

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) =>
        Pool is { Count: > 0 } ? [] : ["Pool must hold at least one operation; it is empty."];

    /// <inheritdoc />
    public Tensor Apply(Tensor inputs, RandomKey key)
    {
        ImageChecks.Images(inputs);
        Guard.Options(this);
        var random = key.Random();
        var count = (int)inputs.shape[0];
        var (chosen, strengths) = (new int[count], new double[count]);
        for (var row = 0; row < count; row++)
        {
            chosen[row] = random.Next(Pool.Count);
            strengths[row] = (random.Next(2) == 0 ? 1 : -1) * random.Next(31) / 30.0;
        }
        return DrawnOperations.Apply(inputs, Pool, chosen, strengths);
    }
}
