using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// The linear discrepancy: how differently two linear predictors can agree on the two samples under squared error.
/// </summary>
/// <remarks>
/// The largest absolute eigenvalue of <c>S'S/n - T'T/m</c> (Mansour, Mohri and Rostamizadeh 2009, "Domain Adaptation:
/// Learning Bounds and Algorithms", section 5). Weights of the source's rows weigh its moments. Differentiable in both.
/// Costs n d^2 + d^3. Computed in float64.
/// </remarks>
public sealed record LinearDiscrepancy : IWeightedDiscrepancy
{
    /// <summary>
    /// Whether samples are brought to one scale first, by the mean of their standard deviations over all entries, and
    /// the result is divided by d. Default false.
    /// </summary>
    public bool Normalizes { get; init; }

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
        using var scope = NewDisposeScope();
        var (s, t) = (source.to(float64), target.to(float64));
        var shares = RowShares.Of(source, weights);
        var (x, y) = Normalizes ? GlobalScale.Of(s, t, shares) : (s, t);
        var gap = (x * shares.unsqueeze(1)).t().matmul(x) - (y.t().matmul(y) / y.shape[0]);
        var largest = linalg.eigvalsh(gap).abs().max();
        return (Normalizes ? largest / source.shape[1] : largest).to(source.dtype).MoveToOuterDisposeScope();
    }
}
