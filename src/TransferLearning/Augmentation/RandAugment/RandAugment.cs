using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>RandAugment: a few operations on each image, drawn evenly from a pool, all of one strength.</summary>
/// <remarks>
/// Each image draws <see cref="Operations"/> operations of <see cref="Pool"/>, with repetition, and a direction for
/// each; what has a strength is applied by <see cref="Strength"/> (Cubuk, Zoph, Shlens and Le 2020, "RandAugment:
/// Practical Automated Data Augmentation with a Reduced Search Space"). FixMatch's variant is
/// <see cref="ForFixMatch"/>. Images are <c>[n, channels, height, width]</c> from 0 to 1; for others see
/// <see cref="InImageRange"/>.
/// </remarks>
public sealed record RandAugment : IAugmentation
{
    /// <summary>How many operations each image draws, at least 1. Default 2.</summary>
    [OptionRange(AtLeast = 1)]
    public int Operations { get; init; } = 2;

    /// <summary>The strength, from 0 to 1. Default 0.3, which is 9 of 30.</summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double Strength { get; init; } = 0.3;

    /// <summary>
    /// Whether each operation draws its strength evenly from 0 to <see cref="Strength"/>. Default false.
    /// </summary>
    public bool DrawsStrength { get; init; }

    /// <summary>The probability with which a drawn operation is applied, from 0 to 1. Default 1.</summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double Probability { get; init; } = 1;

    /// <summary>What is drawn from. Default <see cref="ImagePools.RandAugment"/>.</summary>
    public IReadOnlyList<IImageOperation> Pool { get; init; } = ImagePools.RandAugment;

    /// <summary>
    /// FixMatch's strong augmentation before its cutout: two operations of the paper's pool (table 12), each of a
    /// strength from 0 to 1 and, as in the authors' program, with a probability of one half; TorchSSL and USB always
    /// apply both.
    /// </summary>
    public static RandAugment ForFixMatch { get; } =
        new()
        {
            Strength = 1,
            DrawsStrength = true,
            Probability = 0.5,
            Pool = ImagePools.FixMatch,
        };

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
        using var scope = NewDisposeScope();
        var looked = inputs;
        for (var i = 0; i < Operations; i++)
        {
            var (chosen, strengths) = (new int[count], new double[count]);
            for (var row = 0; row < count; row++)
            {
                var operation = random.Next(Pool.Count);
                var strength = DrawsStrength ? Strength * random.NextDouble() : Strength;
                strengths[row] = random.Next(2) == 0 ? strength : -strength;
                chosen[row] = random.NextDouble() < Probability ? operation : DrawnOperations.None;
            }
            looked = DrawnOperations.Apply(looked, Pool, chosen, strengths);
        }
        return looked.MoveToOuterDisposeScope();
    }
}
