using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// The sliced Wasserstein distance: the mean over directions of the transport cost of the rows' projections.
/// </summary>
/// <remarks>
/// <c>mean_l W_p^p(S theta_l, T theta_l)</c>, with or without the root 1/p (Bonneel, Rabin, Peyré and Pfister 2015,
/// "Sliced and Radon Wasserstein Barycenters of Measures"; Lee, Batra, Baig and Ulbricht 2019 train networks by it
/// without the root). Directions are drawn once from the key, uniform on the sphere. Weights of the source's rows are
/// their masses. Differentiable in both samples, whose sizes may differ. Costs L n (d + log n).
/// </remarks>
public sealed record SlicedWasserstein : IWeightedDiscrepancy
{
    /// <summary>How many directions L, at least 1. Default 128.</summary>
    [OptionRange(AtLeast = 1)]
    public int Directions { get; init; } = 128;

    /// <summary>The power p, at least 1. Default 2.</summary>
    [OptionRange(AtLeast = 1)]
    public double Power { get; init; } = 2;

    /// <summary>Whether the root 1/p of the mean is taken. Default false: smooth at 0.</summary>
    public bool TakesRoot { get; init; }

    /// <summary>What the directions are drawn from.</summary>
    public RandomKey Key { get; init; } = new(0);

    /// <inheritdoc />
    public Tensor Between(Tensor source, Tensor target) => Of(source, target, null);

    /// <inheritdoc />
    public Tensor BetweenWeighted(Tensor source, Tensor target, Tensor weights)
    {
        Guard.Alive(weights);
        return Of(source, target, weights);
    }

    private Tensor Of(Tensor source, Tensor target, Tensor? weights)
    {
        Guard.Pair(source, target);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        using var generator = Key.Generator();
        var directions = randn([source.shape[1], Directions], dtype: float64, generator: generator);
        return Along(directions.to(source.device), source, target, weights).MoveToOuterDisposeScope();
    }

    /// <summary>The distance along given directions.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="directions">Directions <c>[d, L]</c>; their lengths do not matter.</param>
    /// <returns>A scalar; the caller disposes it.</returns>
    public Tensor Between(Tensor source, Tensor target, Tensor directions)
    {
        Guard.Pair(source, target);
        Guard.Rows(directions);
        return Along(directions, source, target, null);
    }

    private Tensor Along(Tensor directions, Tensor source, Tensor target, Tensor? weights)
    {
        Guard.Options(this);
        using var scope = NewDisposeScope();
        var wide = directions.to(float64);
        var unit = wide / wide.norm(0, keepdim: true);
        var (s, t) = (source.to(float64).matmul(unit), target.to(float64).matmul(unit));
        var mean = SortedTransport.Between(s, t, weights, Power).mean();
        // The root's slope is infinite at 0.
        return (TakesRoot ? mean.clamp_min(1e-30).pow(1 / Power) : mean).to(source.dtype).MoveToOuterDisposeScope();
    }
}
