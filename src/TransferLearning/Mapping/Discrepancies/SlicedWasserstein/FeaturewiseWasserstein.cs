using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// The Wasserstein distance of single features, averaged over them; for rows of width 1 it is the distance on the line.
/// </summary>
/// <remarks>
/// <c>W_p^p = integral_0^1 |F_s^(-1)(q) - F_t^(-1)(q)|^p dq</c>, without the root (Peyré and Cuturi 2019,
/// "Computational Optimal Transport", section 2.6). Weights of the source's rows are their masses. Differentiable in
/// both samples. Costs a sort a feature.
/// </remarks>
public sealed record FeaturewiseWasserstein : IWeightedDiscrepancy
{
    /// <summary>The power p, at least 1. Default 1.</summary>
    [OptionRange(AtLeast = 1)]
    public double Power { get; init; } = 1;

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
        return SortedTransport
            .Between(source.to(float64), target.to(float64), weights, Power)
            .mean()
            .to(source.dtype)
            .MoveToOuterDisposeScope();
    }

    /// <summary>The distance of weighted values on the line.</summary>
    /// <param name="source">Values <c>[n]</c>.</param>
    /// <param name="target">Values <c>[m]</c>.</param>
    /// <param name="sourceWeights">Masses <c>[n]</c>, not negative; they are divided by their sum.</param>
    /// <param name="targetWeights">Masses <c>[m]</c>, not negative; they are divided by their sum.</param>
    /// <returns><c>W_p^p</c>, differentiable in the values; the caller disposes it.</returns>
    public Tensor Between(Tensor source, Tensor target, Tensor sourceWeights, Tensor targetWeights)
    {
        Guard.Alive(source);
        Guard.Alive(target);
        Guard.Alive(sourceWeights);
        Guard.Alive(targetWeights);
        Guard.Options(this);
        if (!source.shape.SequenceEqual(sourceWeights.shape) || !target.shape.SequenceEqual(targetWeights.shape))
        {
            throw new ArgumentException(
                $"every value needs one weight; got values {Shape.Of(source)}, {Shape.Of(target)} and weights "
                    + $"{Shape.Of(sourceWeights)}, {Shape.Of(targetWeights)}.",
                nameof(sourceWeights)
            );
        }
        using var scope = NewDisposeScope();
        return SortedTransport
            .Between(
                source.to(float64).unsqueeze(1),
                target.to(float64).unsqueeze(1),
                RowShares.Of(source, sourceWeights),
                RowShares.Of(target, targetWeights),
                Power
            )
            .squeeze(0)
            .to(source.dtype)
            .MoveToOuterDisposeScope();
    }
}
