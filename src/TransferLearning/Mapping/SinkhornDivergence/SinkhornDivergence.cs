using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>The Sinkhorn divergence: entropic transport's cost across samples less the half of what it costs within them.</summary>
/// <remarks>
/// <c>max(0, W(s, t) - (W(s, s) + W(t, t)) / 2)</c> with <c>W = sum G C</c> for the entropic plan G at squared Euclidean cost, without the entropy's term
/// (Genevay, Peyré and Cuturi 2018, "Learning Generative Models with Sinkhorn Divergences"). Differentiable in both samples through the costs; the
/// plans count as constants. Costs three <see cref="EntropicTransport"/> solutions.
/// </remarks>
public sealed record SinkhornDivergence : IDiscrepancy
{
    /// <summary>The factor of the entropy, in squared units of the features, positive. Default 1.</summary>
    public double Regularization { get; init; } = 1;

    /// <summary>The sum of absolute marginal errors at which the plans are taken. Default 1e-9.</summary>
    public double Tolerance { get; init; } = 1e-9;

    /// <inheritdoc />
    public Tensor Between(Tensor source, Tensor target)
    {
        Guard.Pair(source, target);
        var most = Math.Max(source.shape[0], target.shape[0]);
        MemoryNeed.Check(
            nameof(SinkhornDivergence),
            source,
            most,
            most,
            9,
            "Measure batches of the rows, or take SlicedWasserstein.",
            float64
        );
        using var scope = NewDisposeScope();
        var solver = new EntropicTransport(Regularization) { Tolerance = Tolerance };
        Tensor Cost(Tensor x, Tensor y)
        {
            var cost = SquaredDistances.Between(x, y);
            return (solver.Plan(new TransportProblem(cost)).to(cost.dtype) * cost).sum();
        }
        var within = (Cost(source, source) + Cost(target, target)) / 2;
        return (Cost(source, target) - within).relu().MoveToOuterDisposeScope();
    }
}
