using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>Weighs a source row by how many target rows have it among their nearest source rows.</summary>
/// <remarks>
/// <c>w_i = smoothing + #{j : s_i is one of the k source rows nearest to t_j}</c> (Loog 2012, "Nearest Neighbor-Based
/// Importance Weighting", with k = 1 and a smoothing of 1). No density is estimated and nothing is tuned. Costs n m
/// distances, a block of target rows at a time.
/// </remarks>
public sealed record NearestNeighborWeighting : IInstanceWeighting
{
    /// <summary>How many neighbors k a target row counts for. Default 1, the paper's.</summary>
    [OptionRange(AtLeast = 1)]
    public int Neighbors { get; init; } = 1;

    /// <summary>What every weight starts at, not negative. Default 1, the paper's.</summary>
    [OptionRange(AtLeast = 0)]
    public double Smoothing { get; init; } = 1;

    /// <inheritdoc />
    public Tensor Weigh(LabeledDomain source, UnlabeledDomain target, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        return Weigh(source.Inputs, target.Inputs, context);
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => Limit.Faults(plan.WeighedRows().Select(Most));

    private Limit Most(long rows) => new(nameof(Neighbors), Neighbors, rows, "the number of source rows");

    /// <summary>Computes the weights of some source rows.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>, at least k.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="context">Cancellation and progress; null for none.</param>
    /// <returns>Weights <c>[n]</c> in the rows' dtype; the caller disposes them.</returns>
    public Tensor Weigh(Tensor source, Tensor target, FitContext? context = null)
    {
        Guard.Pair(source, target);
        Guard.Options(this);
        Limit.Keep(Most(source.shape[0]));
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var s = source.to(float64);
        var distancesOf = SquaredDistances.OfBlocks(s, target.shape[0]);
        var counts = full(source.shape[0], Smoothing, float64, source.device);
        foreach (var (start, count) in SquaredDistances.Blocks(target.shape[0], source))
        {
            context?.Report((double)start / target.shape[0]);
            using var pass = NewDisposeScope();
            var rows = target.narrow(0, start, count).to(float64);
            var (_, nearest) = distancesOf(rows).topk(Neighbors, 1, largest: false);
            var hits = nearest.reshape(-1);
            counts.index_add_(0, hits, ones_like(hits, dtype: float64), 1);
        }
        return counts.to(source.dtype).MoveToOuterDisposeScope();
    }
}
