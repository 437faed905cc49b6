using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// IWN: weights from a small network that is trained, by batches, to bring the weighted source's mean to the target's.
/// </summary>
/// <remarks>
/// <para>
/// Minimizes <see cref="WeightedMaximumMeanDiscrepancy"/> over the network's parameters with <c>w(x) = |net(x)|</c> by
/// Adam on batches of source and target rows, while the factor gamma of the Gaussian kernel climbs to where the gap is
/// largest, by an Adam of its own: a step of both at a time (de Mathelin, Deheeger, Mougeot and Vayatis 2022, "Fast and
/// Accurate Importance Weighting for Correcting Sample Bias"). Gamma stays at 0.001 at least. A kernel that is given
/// does not move.
/// </para>
/// <para>
/// What kernel mean matching finds in n^3 it approximates in Steps passes of <c>BatchSize^2 d + BatchSize Width^2</c>,
/// whatever n is. Network and learned kernel see features of mean 0 and variance 1 over both domains, so that neither
/// unit nor origin matters; a kernel that is given sees the rows as they are. The network has three hidden layers and
/// is trained in float64; all weights begin at exactly 1, without the authors' training for it. Weights have mean 1.
/// The same seed gives the same weights.
/// </para>
/// </remarks>
public sealed record ImportanceWeightingNetwork : IInstanceWeighting
{
    // The learned factor is bounded from below: a negative one would be no kernel.
    private const double LeastGamma = 1e-3;

    /// <summary>
    /// A kernel that stays as it is. Default null: a Gaussian one whose factor is learned, the authors'.
    /// </summary>
    public IKernel? Kernel { get; init; }

    /// <summary>
    /// Where the learned factor gamma of <c>exp(-gamma ||x - y||^2)</c> begins, for features of variance 1. Default
    /// 0.1, the authors'. A <see cref="Kernel"/> that is given has none.
    /// </summary>
    [OptionRange(Above = 0)]
    public double InitialGamma { get; init; } = 0.1;

    /// <summary>The width of the three hidden layers. Default 100, the authors'.</summary>
    [OptionRange(AtLeast = 1)]
    public int Width { get; init; } = 100;

    /// <summary>How many training steps. Default 2000, the most that the authors' program takes.</summary>
    [OptionRange(AtLeast = 1)]
    public int Steps { get; init; } = 2000;

    /// <summary>How many rows of each domain a step sees, at most. Default 256.</summary>
    [OptionRange(AtLeast = 2)]
    public int BatchSize { get; init; } = 256;

    /// <summary>The learning rate of both Adams. Default 0.001.</summary>
    [OptionRange(Above = 0)]
    public double LearningRate { get; init; } = 0.001;

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
        var most = Math.Min(source.shape[0], BatchSize) + Math.Min(target.shape[0], BatchSize);
        MemoryNeed.Check(nameof(ImportanceWeightingNetwork), source, most, most, 2, "Lower BatchSize.", float64);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var recording = new Recording();
        var (from, to) = (Recording.Data(source).to(float64), Recording.Data(target).to(float64));
        var all = cat([from, to]);
        var kernel = Kernel?.FixedFor(all);
        var (center, spread) = (all.mean([0L]), all.std(0, unbiased: false));
        // Columns that never change, but for rounding, are only centered.
        var unit = where(spread > all.abs().amax([0L]) * 1e-12, spread, ones_like(spread));
        Tensor Scaled(Tensor rows) => (rows - center) / unit;
        using var network = Network(all, run.Key.Child(0));
        var gamma = nn.Parameter(full(1, InitialGamma, float64, all.device));
        Tensor Learned(Tensor left, Tensor right) => (SquaredDistances.Between(left, right) * -gamma).exp();
        Tensor Gap(Tensor s, Tensor t)
        {
            var scaled = Scaled(s);
            var weights = Weights(network, scaled);
            return kernel is null
                ? WeightedMaximumMeanDiscrepancy.Of(Learned, scaled, Scaled(t), weights)
                : WeightedMaximumMeanDiscrepancy.Of(kernel.Matrix, s, t, weights);
        }
        using var minimizer = optim.Adam(network.parameters(), LearningRate);
        using var maximizer = optim.Adam([gamma], LearningRate, maximize: true);
        for (var step = 0; step < Steps; step++)
        {
            run.Report((double)step / Steps);
            using var stepScope = NewDisposeScope();
            var key = run.Key.Child(1).Child(step);
            minimizer.zero_grad();
            maximizer.zero_grad();
            Gap(Batch(from, key.Child(0)), Batch(to, key.Child(1))).backward();
            minimizer.step();
            if (kernel is null)
            {
                maximizer.step();
                using var unrecorded = no_grad();
                gamma.clamp_min_(LeastGamma);
            }
        }
        using var quiet = no_grad();
        return RelativeWeights.Of(Weights(network, Scaled(from))).to(source.dtype).MoveToOuterDisposeScope();
    }

    // A network that answers 1 to all rows, which training can change. Modules draw their initial values from the
    // global generator: it is seeded for them and put back.
    private nn.Module<Tensor, Tensor> Network(Tensor like, RandomKey key)
    {
        using var global = new GlobalRandomness();
        GlobalRandomness.Seed(key);
        var last = nn.Linear(Width, 1);
        using (no_grad())
        {
            last.weight!.zero_();
            last.bias!.fill_(1);
        }
        var network = nn.Sequential(
            nn.Linear(like.shape[1], Width),
            nn.ReLU(),
            nn.Linear(Width, Width),
            nn.ReLU(),
            nn.Linear(Width, Width),
            nn.ReLU(),
            last
        );
        return (nn.Module<Tensor, Tensor>)network.to(like.device).to(like.dtype);
    }

    private Tensor Batch(Tensor rows, RandomKey key) =>
        rows.shape[0] <= BatchSize ? rows : rows.index_select(0, RatioBasis.Order(rows, key).narrow(0, 0, BatchSize));

    private static Tensor Weights(nn.Module<Tensor, Tensor> network, Tensor rows) =>
        network.call(rows).squeeze(1).abs();
}
