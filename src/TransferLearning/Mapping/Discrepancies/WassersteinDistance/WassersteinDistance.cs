using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// The Wasserstein distance of two samples: what the cheapest plan costs that carries the one onto the other.
/// </summary>
/// <remarks>
/// <c>W_p^p = min_G sum_ij G_ij ||s_i - t_j||^p</c> over plans G whose rows sum to the source's masses and whose
/// columns sum to <c>1/m</c> (Kantorovich 1942; Peyré and Cuturi 2019, "Computational Optimal Transport", section 2.3),
/// with or without the root 1/p. Weights of the source's rows are their masses. Solved exactly by
/// <see cref="ExactTransport"/>, so that on the line it is <see cref="FeaturewiseWasserstein"/>. Differentiable in both
/// samples through the costs; the plan counts as a constant, which gives the gradient wherever the plan is unique. Of
/// drawn samples it lies above that of their distributions, by about <c>n^(-1/d)</c> in d features. Costs n m d and
/// about n^2 to n^2.5 operations more, on the CPU.
/// </remarks>
public sealed record WassersteinDistance : IWeightedDiscrepancy
{
    /// <summary>The power p, at least 1. Default 1, the earth mover's distance.</summary>
    [OptionRange(AtLeast = 1)]
    public double Power { get; init; } = 1;

    /// <summary>Whether the root 1/p is taken, in the features' unit. Default false: smooth at 0 for p = 2.</summary>
    public bool TakesRoot { get; init; }

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
            nameof(WassersteinDistance),
            source,
            most,
            most,
            6,
            "Measure batches of the rows, or take SlicedWasserstein.",
            float64
        );
        using var scope = NewDisposeScope();
        var (s, t) = (source.to(float64), target.to(float64));
        var plan = Plan(s.detach(), t.detach(), weights);
        var pairs = plan.nonzero();
        // The plan's few pairs by their differences: rows that coincide cost nothing, and pull nowhere.
        var squares = (s.index_select(0, pairs.select(1, 0)) - t.index_select(0, pairs.select(1, 1))).square().sum(1);
        var each =
            Power == 2 ? squares : where(squares.gt(0), squares.clamp_min(1e-300).pow(Power / 2), zeros_like(squares));
        var least = (plan.masked_select(plan.ne(0)) * each).sum();
        // The root's slope is infinite at 0.
        return (TakesRoot && Power != 1 ? least.clamp_min(1e-30).pow(1 / Power) : least)
            .to(source.dtype)
            .MoveToOuterDisposeScope();
    }

    private Tensor Plan(Tensor source, Tensor target, Tensor? weights)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var squares = SquaredDistances.Between(source, target);
        var cost = Power == 2 ? squares : squares.pow(Power / 2);
        return new ExactTransport()
            .Plan(new TransportProblem(cost, RowShares.Of(source, weights), RowShares.Of(target)))
            .MoveToOuterDisposeScope();
    }
}
