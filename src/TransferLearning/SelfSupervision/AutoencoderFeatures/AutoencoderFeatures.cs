using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.SelfSupervision;

/// <summary>
/// Self-taught learning by an autoencoder: rows map to the hidden layer of a network that has learned to rebuild rows
/// without labels.
/// </summary>
/// <remarks>
/// Minimizes <c>1/n sum_i w_i |tanh(x_i W + b) V + c - x_i|^2 + penalty (|W|^2 + |V|^2)</c> over rows that are taken
/// from their mean and divided by their spread, the root of their mean squared distance from it; rows map to
/// <c>tanh(x W + b)</c>. Found in float64 by limited-memory BFGS from drawn values. Labels are not used: the sources
/// may be of other classes than the target (Raina et al. 2007 compare such features; Bourlard and Kamp 1988 for the
/// network). Costs <c>n d k</c> operations a step.
/// </remarks>
public sealed record AutoencoderFeatures : IFeatureMapping
{
    /// <summary>The width k of the hidden layer, at least 1. Default 64.</summary>
    [OptionRange(AtLeast = 1)]
    public int Components { get; init; } = 64;

    /// <summary>The penalty on the squares of W and V, not negative. Default 1e-3.</summary>
    [OptionRange(AtLeast = 0)]
    public double Penalty { get; init; } = 1e-3;

    /// <summary>The most steps, at least 1. Default 200.</summary>
    [OptionRange(AtLeast = 1)]
    public int MaxSteps { get; init; } = 200;

    /// <summary>Whose rows the network learns from. Default the sources'.</summary>
    public ViewedDomains Domains { get; init; } = ViewedDomains.Sources;

    /// <summary>Whether the target's rows are among those that the map is fitted to.</summary>
    public bool NeedsTarget => Domains != ViewedDomains.Sources;

    /// <summary>
    /// Whether rows are divided by their spread. Default: they are, and the hyperbolic tangent bends the same in any
    /// unit.
    /// </summary>
    public PenaltyScale PenaltyScale { get; init; }

    /// <inheritdoc />
    public long? MappedWidth(ChainPlan plan) => Components;

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        using var scope = NewDisposeScope();
        var (rows, weights) = FittedRows.Of(domains, Domains);
        return Fit(rows, context, weights);
    }

    /// <summary>Learns the hidden layer.</summary>
    /// <param name="rows">Rows <c>[n, d]</c>.</param>
    /// <param name="context">The key of the first values, and cancellation; null for none.</param>
    /// <param name="weights">Row weights <c>[n]</c>, relative to their mean, or null.</param>
    /// <returns>The map <c>[., d]</c> to <c>[., k]</c>; the caller disposes it.</returns>
    public HiddenLayer Fit(Tensor rows, FitContext? context = null, Tensor? weights = null)
    {
        Guard.Rows(rows);
        Guard.AliveOrNull(weights);
        Guard.Options(this);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var mean = FittedRows.Mean(rows, weights);
        var unit = PenaltyScale == PenaltyScale.Relative ? FittedRows.Spread(rows, mean, weights) : 1;
        // Rounded, so that rows in another unit start the same search, whose many turns would let their last digits
        // grow.
        var x = ((rows.to(float64) - mean) / unit).to(float32).to(float64);
        var w = FittedRows.Weights(rows, weights).unsqueeze(1) / x.shape[0];
        var (d, k) = (x.shape[1], (long)Components);
        using var generator = (context ?? new FitContext()).Key.Generator();
        var drawn = randn([2 * d * k], dtype: float64, generator: generator).to(x.device) / Math.Sqrt(d + k);
        var start = cat([drawn, zeros([k + d], float64, x.device)]);
        var found = LimitedMemoryBfgs.Minimize(flat => Slope(flat, x, w, k), start, 1e-6, MaxSteps);
        var matrix = found.narrow(0, 0, d * k).reshape(d, k) / unit;
        var offset = found.narrow(0, 2 * d * k, k) - mean.unsqueeze(0).matmul(matrix).squeeze(0);
        return new HiddenLayer(matrix, offset);
    }

    // The error and its slope by W, V, b and c, one behind the other.
    private (Tensor, Tensor) Slope(Tensor flat, Tensor x, Tensor w, long k)
    {
        var d = x.shape[1];
        var (matrix, back) = (flat.narrow(0, 0, d * k).reshape(d, k), flat.narrow(0, d * k, d * k).reshape(k, d));
        var hidden = addmm(flat.narrow(0, 2 * d * k, k), x, matrix, beta: 1, alpha: 1).tanh();
        var rest = addmm(flat.narrow(0, (2 * d * k) + k, d), hidden, back, beta: 1, alpha: 1) - x;
        var pull = rest * w * 2;
        var below = pull.matmul(back.t()) * (1 - hidden.square());
        var value = (rest.square() * w).sum() + ((matrix.square().sum() + back.square().sum()) * Penalty);
        var slope = cat([
            (x.t().matmul(below) + (matrix * (2 * Penalty))).reshape(-1),
            (hidden.t().matmul(pull) + (back * (2 * Penalty))).reshape(-1),
            below.sum(dim: 0),
            pull.sum(dim: 0),
        ]);
        return (value, slope);
    }
}
