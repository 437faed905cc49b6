using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Location-scale change by label: the source's rows of each class are stretched and moved, feature by feature, until
/// all rows together resemble the target's.
/// </summary>
/// <remarks>
/// <para>
/// A source row of label y becomes <c>w(y) x + b(y)</c>, feature by feature. w and b minimize the squared distance of
/// the kernel's mean over the moved rows and over the target's, plus
/// <c>penalty mean_i (||w(y_i) - 1||^2 + ||b(y_i)||^2 / v)</c> with the mean variance v of all rows' features, so that
/// the unit does not matter (Zhang, Schölkopf, Muandet and Wang 2013, "Domain Adaptation under Target and Conditional
/// Shift", section 4: LS-ConS). For classes w and b are a number a class and feature; for values smooth functions of y:
/// a constant and the eigenvectors of a Gaussian kernel's matrix of the values whose eigenvalues are at least a
/// thousandth of the largest. Limited-memory BFGS finds a local minimum from the identity.
/// </para>
/// <para>
/// The source's weights, where given, weigh its rows in the mean and say with what shares the labels come in the
/// target: estimated by <c>KernelLabelShift</c>, <c>BlackBoxShiftEstimation</c> or <c>MaximumLikelihoodLabelShift</c>
/// before, they give the paper's generalized target shift. Without them the shares are taken for alike. A known row
/// moves as it was fitted to, a new one as the nearest known one does; target rows stay. Costs <c>(n + m) n d</c>
/// operations a step, some tens of steps, and <c>(n + m) n</c> memory.
/// </para>
/// </remarks>
public sealed record ConditionalLocationScale : IFeatureMapping
{
    /// <summary>
    /// The kernel whose means are compared; a Gaussian without a width reads it off the rows. Default Gaussian.
    /// </summary>
    public IKernel Kernel { get; init; } = new GaussianKernel();

    /// <summary>The weight of the moves, not negative. Default 0.001.</summary>
    [OptionRange(AtLeast = 0)]
    public double Penalty { get; init; } = 0.001;

    /// <summary>The largest gradient entry at which the fit ends. Default 1e-5.</summary>
    [OptionRange(AtLeast = 0)]
    public double Tolerance { get; init; } = 1e-5;

    /// <summary>The most steps. Default 100.</summary>
    [OptionRange(AtLeast = 1)]
    public int MaxSteps { get; init; } = 100;

    /// <inheritdoc />
    public long? MappedWidth(ChainPlan plan) => plan.Width;

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        using var scope = NewDisposeScope();
        var map = Fit(domains.PooledSources(), domains.Target.Inputs, context);
        return new PerDomainExtractor(map, ExtractorChain.Of());
    }

    /// <summary>Fits the map of source rows.</summary>
    /// <param name="source">Labeled source rows <c>[n, d]</c>, classes or values.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="context">Cancellation; null for none.</param>
    /// <returns>The map; the caller disposes it.</returns>
    public BarycentricMap Fit(LabeledDomain source, Tensor target, FitContext? context = null)
    {
        Check(source, target);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var recording = new Recording();
        using var quiet = no_grad();
        var (x, t) = (Recording.Data(source.Inputs).to(float64), Recording.Data(target).to(float64));
        var kernel = Kernel.FixedFor(cat([x, t]));
        var basis = LabelFunctions.Of(source);
        var unit = cat([x, t]).std(0, unbiased: false).square().mean().sqrt();
        var shares = (source.Weights ?? ones(source.Count, device: x.device)).to(float64);
        shares /= shares.sum();
        var (d, r) = (x.shape[1], basis.shape[1]);
        (Tensor Stretch, Tensor Move) Changes(Tensor flat) =>
            (
                basis.matmul(flat.narrow(0, 0, r * d).reshape(r, d)),
                basis.matmul(flat.narrow(0, r * d, r * d).reshape(r, d))
            );
        Tensor Moved((Tensor Stretch, Tensor Move) by) => x + (x * by.Stretch) + (by.Move * unit);
        (Tensor, Tensor) Objective(Tensor flat)
        {
            context?.Cancellation.ThrowIfCancellationRequested();
            using var loud = enable_grad();
            var leaf = flat.detach().requires_grad_();
            var changes = Changes(leaf);
            var moved = Moved(changes);
            var gap =
                kernel.Matrix(moved, moved).mv(shares).dot(shares)
                - (2 * kernel.Matrix(moved, t).mean([1L]).dot(shares));
            var size = (changes.Stretch.square() + changes.Move.square()).sum(1).dot(shares);
            var value = gap + (Penalty * size);
            return (value.detach(), autograd.grad([value], [leaf])[0]);
        }
        var start = zeros([2 * r * d], float64, x.device);
        var found = LimitedMemoryBfgs.Minimize(Objective, start, Tolerance, MaxSteps, nameof(ConditionalLocationScale));
        return new BarycentricMap(source.Inputs, ones(source.Count, float64, x.device), Moved(Changes(found)));
    }

    private void Check(LabeledDomain source, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(Kernel);
        Guard.Pair(source.Inputs, target, 2, nameof(source), nameof(target));
        Guard.Options(this);
        MemoryNeed.Check(
            "Conditional location and scale",
            target,
            source.Count,
            source.Count + target.shape[0],
            4,
            "Fit it to fewer rows, the map takes the others; or use LocationScale, which needs no kernel.",
            float64
        );
    }
}
