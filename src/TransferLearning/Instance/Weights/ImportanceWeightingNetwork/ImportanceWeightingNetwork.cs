using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// IWN: weights from a small network that is trained, by batches, to bring the weighted source's mean to the target's.
/// </summary>
/// <remarks>
/// Minimizes <see cref="WeightedMaximumMeanDiscrepancy"/> over the network's parameters with
/// <c>w(x) = softplus(net(x))</c> by Adam on batches of source and target rows (de Mathelin, Deheeger, Mougeot and
/// Vayatis 2022, "Fast and Accurate Importance Weighting for Correcting Sample Bias"). What kernel mean matching finds
/// in n^3 it approximates in Steps passes of <c>BatchSize^2 d</c>, whatever n is. The network sees features of mean 0
/// and variance 1 over both domains, so that neither unit nor origin matters; it is trained in float64. Weights have
/// mean 1. The same seed gives the same weights.
/// </remarks>
public sealed record ImportanceWeightingNetwork : IInstanceWeighting
{
    /// <summary>The kernel. Default Gaussian with the median heuristic over source and target.</summary>
    public IKernel Kernel { get; init; } = new GaussianKernel();

    /// <summary>The width of the two hidden layers. Default 32.</summary>
    [OptionRange(AtLeast = 1)]
    public int Width { get; init; } = 32;

    /// <summary>How many training steps. Default 500.</summary>
    [OptionRange(AtLeast = 1)]
    public int Steps { get; init; } = 500;

    /// <summary>How many rows of each domain a step sees, at most. Default 256.</summary>
    [OptionRange(AtLeast = 2)]
    public int BatchSize { get; init; } = 256;

    /// <summary>Adam's learning rate. Default 0.005.</summary>
    [OptionRange(Above = 0)]
    public double LearningRate { get; init; } = 0.005;

    /// <inheritdoc />
    public Tensor Weigh(LabeledDomain source, UnlabeledDomain target, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        return Weigh(source.Inputs, target.Inputs, context);
    }

    /// <summary>Computes the weights of some source rows.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="context">Randomness, cancellation and progress; null for seed 0.</param>
    /// <returns>Weights <c>[n]</c> of mean 1 in the rows' dtype; the caller disposes them.</returns>
    public Tensor Weigh(Tensor source, Tensor target, FitContext? context = null)
    {
        Guard.Pair(source, target);
        Guard.Options(this);
        var run = context ?? new FitContext();
        using var scope = NewDisposeScope();
        using var recording = new Recording();
        var (from, to) = (Recording.Data(source).to(float64), Recording.Data(target).to(float64));
        var all = cat([from, to]);
        var gap = new WeightedMaximumMeanDiscrepancy(Kernel.FixedFor(all));
        var (center, spread) = (all.mean([0L]), all.std(0, unbiased: false));
        // Columns that never change, but for rounding, are only centered.
        var unit = where(spread > all.abs().amax([0L]) * 1e-12, spread, ones_like(spread));
        Tensor Scaled(Tensor rows) => (rows - center) / unit;
        using var network = Network(all, run.Key.Child(0));
        using var optimizer = optim.Adam(network.parameters(), LearningRate);
        for (var step = 0; step < Steps; step++)
        {
            run.Report((double)step / Steps);
            using var stepScope = NewDisposeScope();
            var key = run.Key.Child(1).Child(step);
            var (s, t) = (Batch(from, key.Child(0)), Batch(to, key.Child(1)));
            optimizer.zero_grad();
            gap.Between(s, t, Weights(network, Scaled(s))).backward();
            optimizer.step();
        }
        using var quiet = no_grad();
        return RelativeWeights.Of(Weights(network, Scaled(from))).to(source.dtype).MoveToOuterDisposeScope();
    }

    // Modules draw their initial values from the global generator: it is seeded for them and put back.
    private nn.Module<Tensor, Tensor> Network(Tensor like, RandomKey key)
    {
        using var global = new GlobalRandomness();
        GlobalRandomness.Seed(key);
        var network = nn.Sequential(
            nn.Linear(like.shape[1], Width),
            nn.ReLU(),
            nn.Linear(Width, Width),
            nn.ReLU(),
            nn.Linear(Width, 1)
        );
        return (nn.Module<Tensor, Tensor>)network.to(like.device).to(like.dtype);
    }

    private Tensor Batch(Tensor rows, RandomKey key) =>
        rows.shape[0] <= BatchSize ? rows : rows.index_select(0, RatioBasis.Order(rows, key).narrow(0, 0, BatchSize));

    private static Tensor Weights(nn.Module<Tensor, Tensor> network, Tensor rows) =>
        nn.functional.softplus(network.call(rows).squeeze(1));
}
