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
        Finite(source, nameof(source));
        Finite(target, nameof(target));
        MemoryNeed.Check(
            nameof(WassersteinDistance),
            source,
            source.shape[0],
            target.shape[0],
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
        var (shares, unit) = InUnitsOfTheLargest(squares);
        var least = (plan.masked_select(plan.ne(0)) * Powered(shares, Power / 2)).sum();
        var distance = TakesRoot && Power != 1 ? Powered(least, 1 / Power) * unit.sqrt() : least * unit.pow(Power / 2);
        return distance.to(source.dtype).MoveToOuterDisposeScope();
    }

    private Tensor Plan(Tensor source, Tensor target, Tensor? weights)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (shares, _) = InUnitsOfTheLargest(SquaredDistances.Between(source, target));
        var cost = Powered(shares, Power / 2);
        var problem = new TransportProblem(cost, RowShares.Of(source, weights), RowShares.Of(target))
        {
            Cancellation = Canceling.Token,
        };
        return new ExactTransport().Plan(problem).MoveToOuterDisposeScope();
    }

    // High powers of what is far from 1 would leave the range of numbers.
    private static (Tensor Shares, Tensor Unit) InUnitsOfTheLargest(Tensor squares)
    {
        var largest = squares.detach().max();
        var unit = where(largest.gt(0), largest, ones_like(largest));
        return (squares / unit, unit);
    }

    // The slope at 0 is taken as 0; that of a root would be infinite.
    private static Tensor Powered(Tensor values, double power) =>
        power == 1 ? values : where(values.gt(0), values.clamp_min(1e-300).pow(power), zeros_like(values));

    private static void Finite(Tensor rows, string name)
    {
        using var scope = NewDisposeScope();
        if (!rows.isfinite().all().item<bool>())
        {
            throw new ArgumentException($"{name} must be finite; it holds a NaN or an infinity.", name);
        }
    }
}
