using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// The Sinkhorn divergence: entropic transport's cost across samples less the half of what it costs within them.
/// </summary>
/// <remarks>
/// <c>max(0, W(s, t) - (W(s, s) + W(t, t)) / 2)</c> with <c>W = sum G C</c> for the entropic plan G at squared
/// Euclidean cost, without the entropy's term (Genevay, Peyré and Cuturi 2018, "Learning Generative Models with
/// Sinkhorn Divergences"). Differentiable in both samples through the costs; the plans count as constants. Weights of
/// the source's rows are their masses. Costs three <see cref="EntropicTransport"/> solutions.
/// </remarks>
public sealed record SinkhornDivergence : IWeightedDiscrepancy
{
    /// <summary>The factor of the entropy, in squared units of the features, positive. Default 1.</summary>
    [OptionRange(Above = 0)]
    public double Regularization { get; init; } = 1;

    /// <summary>The sum of absolute marginal errors at which the plans are taken. Default 1e-9.</summary>
    [OptionRange(Above = 0)]
    public double Tolerance { get; init; } = 1e-9;

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
        Tensor Cost(Tensor x, Tensor y, Tensor ofRows, Tensor ofColumns)
        {
            var cost = SquaredDistances.Between(x, y);
            return (solver.Plan(new TransportProblem(cost, ofRows, ofColumns)) * cost).sum();
        }
        var (s, t) = (source.to(float64), target.to(float64));
        var (ofSource, ofTarget) = (RowShares.Of(source, weights), RowShares.Of(target));
        var within = (Cost(s, s, ofSource, ofSource) + Cost(t, t, ofTarget, ofTarget)) / 2;
        return (Cost(s, t, ofSource, ofTarget) - within).relu().to(source.dtype).MoveToOuterDisposeScope();
    }
}
