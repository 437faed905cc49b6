using System.Diagnostics.CodeAnalysis;
using TransferLearning.Internal;
using TransferLearning.Kernels;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// HFA: a support vector machine on source rows and a few labeled target rows of other features, each beside its image
/// in a common space that is learned with the machine.
/// </summary>
/// <remarks>
/// <para>
/// Source rows become <c>[P x, x, 0]</c>, target rows <c>[Q x, 0, x]</c>, and the machine with the hinge loss and the
/// maps P and Q are found together (Duan, Xu and Tsang 2012, "Learning with Augmented Features for Heterogeneous Domain
/// Adaptation"; Li, Duan, Xu and Tsang 2014 under the same title). P and Q enter by <c>H = [P Q]'[P Q]</c> alone:
/// <c>min_H max_a sum a - 1/2 (a o y)' K^(1/2) (I + H) K^(1/2) (a o y)</c> over positive semi-definite H of trace at
/// most lambda, with <c>0 &lt;= a_i &lt;= C_i</c>, <c>y'a = 0</c> and K the kernels of both domains as blocks.
/// </para>
/// <para>
/// That is solved exactly. For given a the best H is <c>lambda h h'</c> with h along <c>K^(1/2) (a o y)</c>, and
/// minimum and maximum may be exchanged; what remains is the machine of the kernel <c>(1 + lambda) K</c>, and scores of
/// target rows are <c>(1 + lambda) sum_target a_i y_i k(x_i, x) + b</c>. The published program adds one h after the
/// other until its value changes by less than a thousandth, and nears the same. It follows that the source acts on
/// target rows through the intercept alone; the page says what that is worth.
/// </para>
/// <para>
/// One class against the rest. Weights multiply the costs of their rows. Costs n^2 memory and some <c>7 n^3</c>
/// operations a class for all n labeled rows. A chain takes rows of one width: <c>PadColumns</c> brings the narrower
/// ones there, and columns of zeros change neither distances nor inner products.
/// </para>
/// </remarks>
[Experimental("TL1003")]
public sealed record HeterogeneousFeatureAugmentation : IAdaptationStage
{
    /// <summary>
    /// The kernel of the rows of each domain by itself. Default Gaussian, with a width read off each domain.
    /// </summary>
    public IKernel Kernel { get; init; } = new GaussianKernel();

    /// <summary>What a source row costs, <c>C_s</c>; positive. Default 1.</summary>
    [OptionRange(Above = 0)]
    public double SourceCost { get; init; } = 1;

    /// <summary>What a labeled target row costs, <c>C_t</c>; positive. Default 1.</summary>
    [OptionRange(Above = 0)]
    public double TargetCost { get; init; } = 1;

    /// <summary>
    /// The largest trace lambda of H, the size of the common space against the rows themselves; not negative. Default
    /// 100.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double MetricBound { get; init; } = 100;

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return AugmentedRows.Plan(plan);
    }

    /// <inheritdoc />
    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(run);
        var embedded = state.Embedded();
        var domains = embedded.Domains;
        return embedded.With(
            null,
            run.Fitted("predictor", () => Classify(domains.PooledSources(), domains.LabeledTarget!, run.Context))
        );
    }

    /// <summary>Fits the classifier of target rows.</summary>
    /// <param name="source">Labeled source rows <c>[n, d]</c>, classes.</param>
    /// <param name="target">Labeled target rows <c>[m, e]</c> of the same classes, of any width.</param>
    /// <param name="context">Cancellation and progress.</param>
    /// <returns>The classifier of rows <c>[., e]</c>; the caller disposes it.</returns>
    public KernelPredictor Classify(LabeledDomain source, LabeledDomain target, FitContext? context = null)
    {
        AugmentedRows.Check(source, target);
        Guard.Options(this);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var run = context ?? new FitContext();
        var (s, t) = (AugmentedRows.Of(source, SourceCost), AugmentedRows.Of(target, TargetCost));
        var (n, m) = (s.Labels.shape[0], t.Labels.shape[0]);
        MemoryNeed.Check(
            nameof(HeterogeneousFeatureAugmentation),
            source.Inputs,
            n + m,
            n + m,
            7,
            "Fit it to fewer source rows.",
            float64
        );
        var (kernel, similarities) = AugmentedRows.Similarities(Kernel, s.Rows, t.Rows);
        similarities *= 1 + MetricBound;
        var (costs, labels) = (cat([s.Costs, t.Costs]), cat([s.Labels, t.Labels]));
        var (coefficients, intercepts) = (new List<Tensor>(), new List<Tensor>());
        for (var c = 0L; c < source.Space.Width; c++)
        {
            run.Report((double)c / source.Space.Width);
            Canceling.Check();
            var signs = (labels.eq(c).to(float64) * 2) - 1;
            var (multipliers, intercept) = HingeMachine.Fit(similarities, signs, costs, run.Cancellation);
            coefficients.Add(multipliers.narrow(0, n, m));
            intercepts.Add(intercept);
        }
        return new KernelPredictor(
            kernel,
            t.Given,
            stack([.. coefficients], 1) * (1 + MetricBound),
            stack([.. intercepts])
        );
    }
}
