using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Kernels;

/// <summary>The Gaussian kernel <c>k(x, y) = exp(-gamma ||x - y||^2)</c>.</summary>
/// <remarks>
/// <c>gamma = 1 / (2 sigma^2)</c> for a bandwidth <c>sigma</c>. Without a gamma, <see cref="FixedFor"/> takes the
/// median heuristic: <c>gamma = 1 / median ||x_i - x_j||^2</c> over the pairs i &lt; j of at most 1,000 evenly spaced
/// rows; where more than half of the pairs coincide, their mean instead.
/// </remarks>
[SavedPart("gaussian-kernel")]
public sealed class GaussianKernel : IKernel
{
    private const long HeuristicRows = 1000;

    private double gamma;

    private GaussianKernel() { }

    /// <summary>A kernel of a given width.</summary>
    /// <param name="gamma">The factor of the squared distance; null reads it off the data.</param>
    public GaussianKernel(double? gamma = null)
    {
        if (gamma is { } given)
        {
            Guard.Positive(given, nameof(gamma));
        }
        this.gamma = gamma ?? 0;
    }

    /// <summary>The factor of the squared distance, or null where it is still to be read off data.</summary>
    public double? Gamma => gamma > 0 ? gamma : null;

    /// <inheritdoc />
    public bool IsUnitFree => true;

    /// <inheritdoc />
    public Tensor Matrix(Tensor left, Tensor right)
    {
        Guard.Alive(left);
        Guard.Alive(right);
        CheckFixed();
        using var scope = NewDisposeScope();
        return SquaredDistances.Between(left, right).mul_(-gamma).exp_().MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public Tensor Pairwise(Tensor left, Tensor right)
    {
        Guard.Matching(left, right);
        CheckFixed();
        using var scope = NewDisposeScope();
        return ((left - right).square().sum(1) * -gamma).exp().MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public IKernel FixedFor(Tensor rows)
    {
        if (gamma > 0)
        {
            return this;
        }
        Guard.Rows(rows, 2);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var count = rows.shape[0];
        var some =
            count <= HeuristicRows
                ? rows
                : rows.index_select(
                    0,
                    linspace(0, count - 1, HeuristicRows, dtype: float64, device: rows.device).round().to(int64)
                );
        var distances = SquaredDistances.Between(some, some);
        var pairs = triu_indices(some.shape[0], some.shape[0], 1, device: rows.device);
        var apart = distances.index(TensorIndex.Tensor(pairs[0]), TensorIndex.Tensor(pairs[1])).to(float64);
        var both = stack([apart.median(), apart.mean()]).cpu(); // one wait for the device
        var (median, mean) = (both[0].item<double>(), both[1].item<double>());
        // Where most pairs coincide, but for rounding, the others give the scale; rows that all coincide have none, and
        // any width serves.
        var rounding = rows.dtype == ScalarType.Float64 ? 1e-13 : 1e-6;
        var scale = median > rounding * mean ? median : mean;
        return new GaussianKernel(scale > 0 ? 1 / scale : 1);
    }

    GraphValue IKernel.Write(IGraphWriter graph, GraphValue left, Tensor right)
    {
        CheckFixed();
        var distances = SquaredDistances.Write(graph, left, right);
        return graph.Operator("Exp", [graph.Multiply(distances, graph.Number(-gamma))]);
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Number("gamma", ref gamma);
    }

    private void CheckFixed()
    {
        if (gamma <= 0)
        {
            throw new InvalidOperationException(
                "This Gaussian kernel has no gamma yet: call FixedFor(rows) or give one."
            );
        }
    }
}
