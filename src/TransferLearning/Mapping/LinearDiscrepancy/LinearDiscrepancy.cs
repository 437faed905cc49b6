using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>The linear discrepancy: how differently two linear predictors can agree on the two samples under squared error.</summary>
/// <remarks>
/// The largest absolute eigenvalue of <c>S'S/n - T'T/m</c> (Mansour, Mohri and Rostamizadeh 2009, "Domain Adaptation: Learning Bounds and Algorithms",
/// section 5). Differentiable in both. Costs n d^2 + d^3.
/// </remarks>
public sealed record LinearDiscrepancy : IDiscrepancy
{
    /// <summary>Whether samples are brought to one scale first, by the mean of their standard deviations over all entries, and the result is divided by d. Default false.</summary>
    public bool Normalizes { get; init; }

    /// <inheritdoc />
    public Tensor Between(Tensor source, Tensor target)
    {
        Guard.Pair(source, target);
        using var scope = NewDisposeScope();
        var (x, y) = Normalizes ? GlobalScale.Of(source, target) : (source, target);
        var gap = (x.t().matmul(x) / x.shape[0]) - (y.t().matmul(y) / y.shape[0]);
        var largest = linalg.eigvalsh(gap).abs().max();
        return (Normalizes ? largest / source.shape[1] : largest).MoveToOuterDisposeScope();
    }
}
