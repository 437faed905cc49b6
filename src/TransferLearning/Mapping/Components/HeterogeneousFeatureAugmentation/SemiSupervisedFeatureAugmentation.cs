using System.Globalization;
using TransferLearning.Internal;
using TransferLearning.Kernels;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// SHFA: <see cref="HeterogeneousFeatureAugmentation"/> that finds labels of the unlabeled target rows with the
/// machine.
/// </summary>
/// <remarks>
/// <para>
/// For a class, y in 1 and -1, the machine with the squared hinge, the penalized intercept and the margin rho (Li,
/// Duan, Xu and Tsang 2014, "Learning with Augmented Features for Supervised and Semi-supervised Heterogeneous Domain
/// Adaptation") is <c>min over y, H of max_a -1/2 a' (((K^(1/2) (I + H) K^(1/2) + 1 1') o y y') + D) a</c> over <c>a
/// &gt;= 0</c>, <c>sum a = 1</c>, with D the inverse costs on the diagonal and y given where labels are. As in
/// <see cref="HeterogeneousFeatureAugmentation"/> the best H leaves <c>A = (1 + lambda) K + 1 1'</c>. The choice of y
/// is relaxed to a mixture: <c>sum_m theta_m A o y_m y_m'</c> with <c>||theta||_p &lt;= 1</c>, by <c>theta_m ~ (theta_m
/// sqrt(q_m))^(2/(p+1))</c>, <c>q_m = (a o y_m)' A (a o y_m)</c> (Kloft, Brefeld, Sonnenburg and Zien 2011). Labelings
/// come one after the other: the first from a machine on the labeled target rows alone, each further one the most
/// violated, found, as in the authors' program, along the coordinates of a root of A. As many unlabeled rows are of the
/// class as its share says.
/// </para>
/// <para>
/// Scores of a target row are <c>sum_m theta_m sum_i a_i y_mi ((1 + lambda) k(x_i, x) + 1) / rho</c>, the first part
/// over target rows alone. Costs n^2 memory for all n rows, one n^3 factorization, and some <c>7 n^3</c> for each step
/// of theta, of which there are some tens a class.
/// </para>
/// </remarks>
public sealed record SemiSupervisedFeatureAugmentation : IAdaptationStage
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

    /// <summary>What an unlabeled target row costs, <c>C_x</c>; positive. Default 0.001.</summary>
    [OptionRange(Above = 0)]
    public double UnlabeledCost { get; init; } = 1e-3;

    /// <summary>The largest trace lambda of H; not negative. Default 100.</summary>
    [OptionRange(AtLeast = 0)]
    public double MetricBound { get; init; } = 100;

    /// <summary>The norm p that holds the mixture of labelings, at least 1. Default 1.5.</summary>
    [OptionRange(AtLeast = 1)]
    public double MixtureNorm { get; init; } = 1.5;

    /// <summary>
    /// The share of each class among the unlabeled target rows, not negative, of sum 1; null takes the source's, by its
    /// weights. Default null.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public IReadOnlyList<double>? TargetShares { get; init; }

    /// <summary>The most labelings of a class, at least 1. Default 20.</summary>
    [OptionRange(AtLeast = 1)]
    public int Labelings { get; init; } = 20;

    /// <summary>
    /// The relative change of the value at which labelings, and steps of theta, end; not negative. Default 1e-3.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double Tolerance { get; init; } = 1e-3;

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (ShareFault(plan.Domains.Space) is { } fault)
        {
            plan.Fault(fault);
        }
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
            run.Fitted(
                "predictor",
                () => Classify(domains.PooledSources(), domains.LabeledTarget!, domains.Target.Inputs, run.Context)
            )
        );
    }

    /// <summary>Fits the classifier of target rows.</summary>
    /// <param name="source">Labeled source rows <c>[n, d]</c>, classes.</param>
    /// <param name="target">Labeled target rows <c>[m, e]</c> of the same classes, of any width.</param>
    /// <param name="unlabeled">Target rows without labels <c>[u, e]</c>.</param>
    /// <param name="context">Cancellation and progress.</param>
    /// <returns>The classifier of rows <c>[., e]</c>; the caller disposes it.</returns>
    public KernelPredictor Classify(
        LabeledDomain source,
        LabeledDomain target,
        Tensor unlabeled,
        FitContext? context = null
    )
    {
        AugmentedRows.Check(source, target);
        Guard.Fitted(unlabeled, target.Inputs.shape[1]);
        Guard.Rows(unlabeled);
        AugmentedRows.Alike(source.Inputs, unlabeled, nameof(unlabeled));
        Guard.Options(this);
        if (ShareFault(source.Space) is { } fault)
        {
            throw new ArgumentOutOfRangeException(nameof(TargetShares), fault);
        }
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var run = context ?? new FitContext();
        var (s, t) = (AugmentedRows.Of(source, SourceCost), AugmentedRows.Of(target, TargetCost));
        var (n, m, u) = (s.Labels.shape[0], t.Labels.shape[0], unlabeled.shape[0]);
        MemoryNeed.Check(
            nameof(SemiSupervisedFeatureAugmentation),
            source.Inputs,
            n + m + u,
            n + m + u,
            8,
            "Fit it to fewer rows.",
            float64
        );
        var (kernel, similarities) = AugmentedRows.Similarities(Kernel, s.Rows, cat([t.Rows, unlabeled.to(float64)]));
        var problem = new LabelMixture(
            similarities,
            1 + MetricBound,
            cat([s.Costs, t.Costs, full(u, UnlabeledCost, float64, unlabeled.device)]).reciprocal(),
            n,
            m
        )
        {
            Norm = MixtureNorm,
            Labelings = Labelings,
            Tolerance = Tolerance,
        };
        var labels = cat([s.Labels, t.Labels]);
        var shares = Shares(source);
        var (coefficients, intercepts) = (new List<Tensor>(), new List<Tensor>());
        for (var c = 0; c < source.Space.Width; c++)
        {
            run.Report((double)c / source.Space.Width);
            Canceling.Check();
            var signs = (labels.eq(c).to(float64) * 2) - 1;
            var positives = (long)Math.Round(shares[c] * u, MidpointRounding.AwayFromZero);
            var (multipliers, intercept) = problem.Fit(signs, Math.Min(positives, u), run);
            coefficients.Add(multipliers.narrow(0, n, m + u));
            intercepts.Add(intercept);
        }
        return new KernelPredictor(
            kernel,
            cat([t.Given, unlabeled]),
            stack([.. coefficients], 1) * (1 + MetricBound),
            stack([.. intercepts])
        );
    }

    private string? ShareFault(LabelSpace space) =>
        TargetShares is not { } shares || !space.IsClasses ? null
        : shares.Count != space.Width
            ? $"{nameof(TargetShares)} must be a share for each of the {space.Width} classes; got {shares.Count}."
        : !(Math.Abs(shares.Sum() - 1) < 1e-6)
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{nameof(TargetShares)} must have the sum 1; got {shares.Sum()}."
            )
        : null;

    private double[] Shares(LabeledDomain source) =>
        TargetShares is { } given ? [.. given] : [.. ClassShares.Of(new DomainSet([source])).data<double>()];
}
