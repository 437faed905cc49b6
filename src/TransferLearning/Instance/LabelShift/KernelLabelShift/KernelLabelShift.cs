using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// Class weights for label shift by kernel means: the mixture of the source's classes that is nearest to the target.
/// </summary>
/// <remarks>
/// Minimizes <c>|| sum_y p_y m_y - m_t ||^2</c> over class shares <c>p &gt;= 0</c>, <c>sum p = 1</c>, with <c>m_y</c>
/// the mean of class y and <c>m_t</c> the target's in the kernel's feature space; <c>w_y = p_y / p_s(y)</c> (Zhang,
/// Schölkopf, Muandet and Wang 2013, "Domain Adaptation under Target and Conditional Shift", section 3.1), none above
/// <see cref="MaxWeight"/>. No classifier is needed. Every source row weighs as its class. Costs n (n + m) kernel
/// values, a block of rows at a time.
/// </remarks>
public sealed record KernelLabelShift : IInstanceWeighting
{
    /// <summary>The kernel. Default Gaussian with the median heuristic over source and target.</summary>
    public IKernel Kernel { get; init; } = new GaussianKernel();

    /// <summary>
    /// The largest weight of a class, above 1; null for none. Default 10: a class that is rare in the source would else
    /// weigh as much as its share in the target asks for, whatever few rows it has.
    /// </summary>
    [OptionRange(Above = 1)]
    public double? MaxWeight { get; init; } = 10;

    /// <inheritdoc />
    public Tensor Weigh(LabeledDomain source, UnlabeledDomain target, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        HeldOutProbabilities.Classes(source);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var weights = ClassWeights(source.Inputs, source.Labels, target.Inputs, source.Space.Width, context);
        return HeldOutProbabilities.OfRows(weights, source).MoveToOuterDisposeScope();
    }

    /// <summary>The class weights.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="labels">Their classes, int64 <c>[n]</c>.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="classes">The number of classes C.</param>
    /// <param name="context">Cancellation and progress; null for none.</param>
    /// <returns>
    /// The weights, float64 <c>[C]</c>, 0 for a class that the source does not have; the caller disposes them.
    /// </returns>
    public Tensor ClassWeights(Tensor source, Tensor labels, Tensor target, long classes, FitContext? context = null)
    {
        Guard.Pair(source, target);
        Guard.Alive(labels);
        Guard.Options(this);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (s, t) = (source.to(float64), target.to(float64));
        var kernel = Kernel.FixedFor(cat([s, t]));
        var counts = labels.bincount(null, classes);
        var present = counts.nonzero().squeeze(1);
        // One column a class that occurs: its rows' shares of the class mean.
        var members = nn.functional.one_hot(labels, classes).to(float64).index_select(1, present);
        var means = members / members.sum(dim: 0);
        var inner = means.t().matmul(KernelMeans.Blocks(s, s, block => kernel.Matrix(block, s).matmul(means), context));
        var pull = means.t().mv(KernelMeans.Of(kernel, s, t, context));
        var priors = counts.index_select(0, present).to(float64) / source.shape[0];
        var most = MaxWeight is { } bound ? (priors * bound).clamp_max(1) : ones_like(priors);
        var shares = Nearest(inner, pull, most, context ?? new FitContext());
        var weights = zeros(classes, float64, s.device);
        weights.index_copy_(0, present, shares / priors);
        return weights.MoveToOuterDisposeScope();
    }

    // The program has no interior on sum p = 1; a hair of room changes the solution by as much.
    private Tensor Nearest(Tensor inner, Tensor pull, Tensor most, FitContext context)
    {
        var upper = most + 1e-7;
        var form = QuadraticForm.Of(inner);
        var shares = BoxQuadraticProgram.Solve(form, pull, upper, 1 - 1e-7, 1 + 1e-7, context, Kernel.IsUnitFree);
        return shares / shares.sum();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => HeldOutProbabilities.Faults(plan);
}
