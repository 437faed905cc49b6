using MathNet.Numerics.Distributions;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>AugMix: each image is mixed with a mixture of several chains of operations on it.</summary>
/// <remarks>
/// <c>(1 - m) x + m sum_i w_i chain_i(x)</c> with <c>w ~ Dirichlet(alpha)</c> over the chains and
/// <c>m ~ Beta(alpha, alpha)</c>; a chain is 1 to <see cref="Depth"/> operations drawn from <see cref="Pool"/>, each of
/// a strength even from 0.01 to <see cref="Strength"/> (Hendrycks, Mu, Cubuk, Zoph, Gilmer and Lakshminarayanan 2020,
/// "AugMix: A Simple Data Processing Method to Improve Robustness and Uncertainty"). <see cref="AugMixConsistency"/> is
/// the objective that goes with it. Images are <c>[n, channels, height, width]</c> from 0 to 1; for others see
/// <see cref="InImageRange"/>.
/// </remarks>
public sealed record AugMix : IAugmentation
{
    private const double LeastStrength = 0.01;

    /// <summary>The number of chains, at least 1. Default 3.</summary>
    [OptionRange(AtLeast = 1)]
    public int Chains { get; init; } = 3;

    /// <summary>The most operations of a chain, at least 1. Default 3.</summary>
    [OptionRange(AtLeast = 1)]
    public int Depth { get; init; } = 3;

    /// <summary>The largest strength, from 0.01 to 1. Default 0.3, which is 3 of 10.</summary>
    [OptionRange(AtLeast = LeastStrength, AtMost = 1)]
    public double Strength { get; init; } = 0.3;

    /// <summary>The parameter alpha of both distributions, positive. Default 1.</summary>
    [OptionRange(Above = 0)]
    public double Alpha { get; init; } = 1;

    /// <summary>What is drawn from. Default <see cref="ImagePools.AugMix"/>.</summary>
    public IReadOnlyList<IImageOperation> Pool { get; init; } = ImagePools.AugMix;

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
        var shares = Shares(random, count);
        using var scope = NewDisposeScope();
        var mixed = inputs * PerImage(shares, Chains);
        for (var chain = 0; chain < Chains; chain++)
        {
            int[] depths = [.. Enumerable.Range(0, count).Select(_ => 1 + random.Next(Depth))];
            var looked = inputs;
            for (var i = 0; i < Depth; i++)
            {
                var (chosen, strengths) = (new int[count], new double[count]);
                for (var row = 0; row < count; row++)
                {
                    var strength = LeastStrength + ((Strength - LeastStrength) * random.NextDouble());
                    strengths[row] = random.Next(2) == 0 ? strength : -strength;
                    var operation = random.Next(Pool.Count);
                    chosen[row] = i < depths[row] ? operation : DrawnOperations.None;
                }
                looked = DrawnOperations.Apply(looked, Pool, chosen, strengths);
            }
            mixed.addcmul_(looked, PerImage(shares, chain), 1);
        }
        return mixed.MoveToOuterDisposeScope();

        Tensor PerImage(double[,] of, int column) =>
            tensor(Enumerable.Range(0, count).Select(row => of[row, column]).ToArray(), float64)
                .view(-1, 1, 1, 1)
                .to(inputs.dtype, inputs.device);
    }

    /// <summary>The share of each chain, and last that of the image itself.</summary>
    private double[,] Shares(Random random, int count)
    {
        var shares = new double[count, Chains + 1];
        var (even, weights) = (Enumerable.Repeat(Alpha, Chains).ToArray(), new double[] { 1 });
        for (var row = 0; row < count; row++)
        {
            var mixed = MixingShare.Draw(Alpha, random);
            weights = Chains > 1 ? Dirichlet.Sample(random, even) : weights;
            if (double.IsNaN(weights[0]))
            {
                // As with shares of two: of an alpha near 0 one chain has it all.
                weights = new double[Chains];
                weights[random.Next(Chains)] = 1;
            }
            for (var chain = 0; chain < Chains; chain++)
            {
                shares[row, chain] = mixed * weights[chain];
            }
            shares[row, Chains] = 1 - mixed;
        }
        return shares;
    }
}
