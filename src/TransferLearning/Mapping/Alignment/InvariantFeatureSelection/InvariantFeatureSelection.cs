using System.Globalization;
using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>fMMD: keeps the features in which the domains differ least.</summary>
/// <remarks>
/// <para>
/// Weights <c>w >= 0</c> of the features, <c>||w|| &lt;= 1</c>, make the maximum mean discrepancy of the domains
/// largest, for a kernel on rows whose features are multiplied by <c>sqrt(w)</c>: <c>sum w_j x_j y_j</c> for the linear
/// one, <c>exp(-gamma sum w_j (x_j - y_j)^2)</c> for the Gaussian. Features whose weights lie above a threshold are
/// removed (Uguroglu and Carbonell 2011, "Feature Selection for Transfer Learning").
/// </para>
/// <para>
/// The linear discrepancy is <c>sum w_j d_j^2</c> for the gap d of the means; by Cauchy and Schwarz no w of norm 1
/// gives more than <c>||d^2||</c>, which <c>w = d^2 / ||d^2||</c> does: no program is solved, and rows are read in one
/// pass from wherever they lie, n d operations. Other kernels climb by projected gradients from equal weights, n^2 d
/// operations a step and n^2 memory, to a local maximum (for <c>PolynomialKernel</c> of degree 2 without a constant the
/// global one, the leading eigenvector of the squared gap of second moments, where all features go together).
/// </para>
/// </remarks>
public sealed record InvariantFeatureSelection : IFeatureMapping
{
    /// <summary>
    /// The kernel; a Gaussian without a width reads it off the rows at equal weights. Default linear.
    /// </summary>
    public IKernel Kernel { get; init; } = new LinearKernel();

    /// <summary>
    /// The largest weight that is kept, in [0, 1]; null, the default, takes <c>1 / sqrt(d)</c>, which is every
    /// feature's weight where all differ alike.
    /// </summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double? Threshold { get; init; }

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        if (Kernel is not LinearKernel)
        {
            return Fit(domains.PooledSources().Inputs, domains.Target.Inputs, context);
        }
        Check();
        var (source, target) = DomainMoments.Of(domains, context, isDiagonal: true);
        return Select(OfGap(source, target));
    }

    /// <summary>Fits the selection.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="context">Cancellation; null for none.</param>
    /// <returns>The selection <c>[., d]</c> to <c>[., k]</c>; the caller disposes it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No feature's weight lies within the threshold.</exception>
    public SelectedFeatures Fit(Tensor source, Tensor target, FitContext? context = null)
    {
        Guard.Pair(source, target, least: 2);
        Check();
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var recording = new Recording();
        using var quiet = no_grad();
        if (Kernel is LinearKernel)
        {
            var (ofSource, ofTarget) = DomainMoments.Of(source, target, isDiagonal: true);
            return Select(OfGap(ofSource, ofTarget));
        }
        var (from, to) = (Recording.Data(source).to(float64), Recording.Data(target).to(float64));
        return Select(DiscrepancyAscent.Of(Kernel, from, to, context ?? new()));
    }

    private static Tensor OfGap(Moments source, Moments target)
    {
        var gaps = (source.Mean - target.Mean).square();
        // What rounding leaves of equal means is no gap.
        var sizes = source.Mean.square() + (source.Scatter / source.Count);
        gaps = gaps.where(gaps > sizes * 1e-26, zeros_like(gaps));
        return gaps / gaps.norm().clamp_min(1e-300);
    }

    private SelectedFeatures Select(Tensor weights)
    {
        var limit = Threshold ?? 1 / Math.Sqrt(weights.shape[0]);
        var kept = weights.le(limit * (1 + 1e-9)).nonzero().reshape(-1);
        if (kept.shape[0] == 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(Threshold),
                Threshold,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Threshold keeps no feature: the smallest weight is {weights.min().item<double>():G3}, the "
                        + $"largest kept one {limit:G3}. Raise it."
                )
            );
        }
        return new SelectedFeatures(kept, weights);
    }

    private void Check()
    {
        ArgumentNullException.ThrowIfNull(Kernel);
        Guard.Options(this);
    }
}
