using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.ZeroShot;

/// <summary>
/// Minimizes <c>1/n sum_i w_i f(r_i) sum_{c != y_i} max(0, margin + x_i U (s_c V)' - x_i U (s_{y_i} V)')</c> over U,
/// and over V where it is not fixed, by Adagrad (Duchi, Hazan and Singer 2011) on drawn batches; r is how many classes
/// violate the margin, and f is 1, or <c>(1 + 1/2 + ... + 1/r) / r</c>.
/// </summary>
internal sealed class RankingDescent
{
    private const double Guarded = 1e-12;

    /// <summary>The margin.</summary>
    public required double Margin { get; init; }

    /// <summary>Adagrad's rate.</summary>
    public required double Rate { get; init; }

    /// <summary>How many times all rows pass.</summary>
    public required int Epochs { get; init; }

    /// <summary>Rows of a batch.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Whether violations are weighed by their rank.</summary>
    public required bool WeighsRanks { get; init; }

    /// <summary>
    /// Moves U <c>[d, k]</c> and, where it is given, V <c>[a, k]</c> in their place. Opens a scope a step.
    /// </summary>
    public void Run(SemanticRows rows, Tensor x, Tensor seen, Tensor u, Tensor? v, RandomKey key)
    {
        using var scope = NewDisposeScope();
        var (ofU, ofV) = (zeros_like(u), v is null ? null : zeros_like(v));
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            using var generator = key.Child(epoch).Generator();
            using var order = randperm(x.shape[0], generator: generator).to(x.device);
            for (long start = 0; start < x.shape[0]; start += BatchSize)
            {
                Canceling.Check();
                using var step = NewDisposeScope();
                var drawn = order.narrow(0, start, Math.Min(BatchSize, x.shape[0] - start));
                var (some, labels) = (x.index_select(0, drawn), rows.Labels.index_select(0, drawn));
                var points = v is null ? seen : seen.matmul(v); // [z, k]
                var read = some.matmul(u); // [b, k]
                var pull = Slope(read.matmul(points.t()), labels, rows.Weights.index_select(0, drawn));
                var slopeOfU = some.t().matmul(pull.matmul(points));
                if (v is not null)
                {
                    Descend(v, ofV!, seen.t().matmul(pull.t().matmul(read)));
                }
                Descend(u, ofU, slopeOfU);
            }
        }
    }

    /// <summary>The loss of some scores <c>[n, z]</c>, a scalar. Opens no scope.</summary>
    public Tensor Loss(Tensor scores, Tensor labels, Tensor weights)
    {
        var excess = Excess(scores, labels);
        return (excess.sum(1) * Factor(excess) * weights).mean();
    }

    /// <summary>The slope of the loss by the scores. Opens no scope.</summary>
    public Tensor Slope(Tensor scores, Tensor labels, Tensor weights)
    {
        var excess = Excess(scores, labels);
        var share = (Factor(excess) * weights / scores.shape[0]).unsqueeze(1);
        var slope = excess.gt(0).to(scores.dtype) * share;
        return slope.scatter_add(1, labels.unsqueeze(1), slope.sum(1, keepdim: true).neg());
    }

    // 0 at a row's own class.
    private Tensor Excess(Tensor scores, Tensor labels)
    {
        var own = labels.unsqueeze(1);
        return (scores - scores.gather(1, own) + Margin).clamp_min(0).scatter(1, own, zeros_like(own).to(scores.dtype));
    }

    private Tensor Factor(Tensor excess)
    {
        var violators = excess.gt(0).sum(1);
        if (!WeighsRanks)
        {
            return ones_like(violators).to(excess.dtype);
        }
        var ranks = arange(1, excess.shape[1] + 1, dtype: excess.dtype, device: excess.device);
        var factors = cat([zeros_like(ranks.narrow(0, 0, 1)), (1 / ranks).cumsum(0) / ranks]);
        return factors.index_select(0, violators);
    }

    private void Descend(Tensor parameter, Tensor squares, Tensor slope)
    {
        squares.add_(slope.square());
        parameter.sub_(slope * Rate / (squares + Guarded).sqrt());
    }
}
