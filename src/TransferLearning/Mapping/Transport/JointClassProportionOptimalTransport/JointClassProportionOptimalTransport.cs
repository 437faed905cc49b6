using System.Globalization;
using TransferLearning.Internal;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// JCPOT: several labeled sources find the target's class proportions together, and their labels travel to its rows.
/// </summary>
/// <remarks>
/// <para>
/// <c>min_h 1/K sum_k W_reg(mu_k(h), nu)</c>: source k's rows of class c hold the mass <c>h_c</c> together (shared
/// alike, or by their weights), the target's rows 1/m each, and <c>W_reg</c> is entropic transport at squared Euclidean
/// cost (Redko, Courty, Flamary and Tuia 2019, "Optimal Transport for Multi-source Domain Adaptation under Target
/// Shift", algorithm 1). Solved by Bregman projections in the log domain: every plan is scaled to the target's masses;
/// <c>log h_c</c> becomes the mean over the sources of the log mass of their rows of class c; every plan is scaled to
/// the rows' masses under h.
/// </para>
/// <para>
/// Target row j gets the class shares <c>sum_k sum_(i of class c) G^k_ij</c>, scaled to sum to 1 (section 4), and the
/// learner is fitted to the target rows so labeled. Works with one source as well. A class that no source has gets
/// nothing. Costs n m exponentials a round twice over all sources, and n m memory.
/// </para>
/// </remarks>
/// <param name="learner">Learns on the target rows; null for <see cref="NearestNeighbor"/>.</param>
public sealed class JointClassProportionOptimalTransport(ILabelLearner? learner = null) : IAdaptationStage
{
    private readonly ILabelLearner learner = learner ?? new NearestNeighbor();

    /// <summary>The factor reg of the entropy, in the cost's units, positive. Default 0.1.</summary>
    [OptionRange(Above = 0)]
    public double Regularization { get; init; } = 0.1;

    /// <summary>
    /// Whether costs are divided by the largest of all sources', so that the regularization need not know the features'
    /// scale. Default false.
    /// </summary>
    public bool NormalizesCost { get; init; }

    /// <summary>
    /// Whether the learner hears a row once for every class, weighted by its share, and not once for its largest.
    /// Default false.
    /// </summary>
    public bool KeepsShares { get; init; }

    /// <summary>The sum of the target's mass errors at which it ends. Default 1e-6.</summary>
    [OptionRange(Above = 0)]
    public double Tolerance { get; init; } = 1e-6;

    /// <summary>The most rounds. Default 10,000.</summary>
    [OptionRange(AtLeast = 1)]
    public int MaxRounds { get; init; } = 10_000;

    bool IAdaptationStage.TakesLabeledTarget => false;

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        RowChecks.Vectors(plan);
        RowChecks.Classes(plan);
        return plan.WithFittedPredictor();
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
            run.Fitted("predictor", () => Fit(domains.Sources, domains.Target.Inputs, run.Context))
        );
    }

    /// <summary>Fits the predictor to the target rows with the labels that come to them.</summary>
    /// <param name="sources">
    /// Source rows <c>[n_k, d]</c> with classes; each source must have every class that another has.
    /// </param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="context">Cancellation; null for none.</param>
    /// <returns>The learner's predictor; the caller disposes it where it is disposable.</returns>
    /// <exception cref="InvalidOperationException">
    /// The masses were still missed after <see cref="MaxRounds"/> rounds.
    /// </exception>
    public ILabelPredictor Fit(IReadOnlyList<LabeledDomain> sources, Tensor target, FitContext? context = null)
    {
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        var (_, labels) = Propagate(sources, target, context);
        return LabelShares.Learn(learner, target, labels, labels.sum(1), sources[0].Space, KeepsShares);
    }

    /// <summary>The target's class proportions, and the class shares of its rows.</summary>
    /// <param name="sources">
    /// Source rows <c>[n_k, d]</c> with classes; each source must have every class that another has.
    /// </param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="context">Cancellation; null for none.</param>
    /// <returns>
    /// Proportions <c>[classes]</c> and shares <c>[m, classes]</c>, float64, which sum to 1; the caller disposes them.
    /// </returns>
    /// <exception cref="InvalidOperationException">
    /// The masses were still missed after <see cref="MaxRounds"/> rounds.
    /// </exception>
    public (Tensor Proportions, Tensor Labels) Propagate(
        IReadOnlyList<LabeledDomain> sources,
        Tensor target,
        FitContext? context = null
    )
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentOutOfRangeException.ThrowIfZero(sources.Count, nameof(sources));
        foreach (var source in sources)
        {
            Guard.Pair(source.Inputs, target, sourceName: nameof(sources), targetName: nameof(target));
            ClassLabels.Check(source);
        }
        Guard.Options(this);
        MemoryNeed.Check(
            nameof(JointClassProportionOptimalTransport),
            target,
            sources.Sum(source => source.Count),
            target.shape[0],
            3,
            "Take a random part of the rows.",
            float64
        );
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var plans = ProportionPlan.Of(sources, target, Regularization, NormalizesCost);
        for (var round = 0; round < MaxRounds; round++)
        {
            context?.Cancellation.ThrowIfCancellationRequested();
            using var roundScope = NewDisposeScope();
            var missed = plans.Average(plan => plan.ScaleToTarget());
            var proportions =
                plans.Select(plan => plan.LogClassMasses()).Aggregate((sum, next) => sum + next) / plans.Count;
            if (round > 0 && missed <= Tolerance)
            {
                var received = plans.Select(plan => plan.Received()).Aggregate((sum, next) => sum + next);
                var shares = received / received.sum(1, keepdim: true).clamp_min(1e-300);
                var settled = proportions.softmax(0);
                return (
                    settled.MoveToOuterDisposeScope().MoveToOuterDisposeScope(),
                    shares.MoveToOuterDisposeScope().MoveToOuterDisposeScope()
                );
            }
            plans.ForEach(plan => plan.ScaleToSource(proportions));
        }
        throw new InvalidOperationException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The proportions did not settle within {MaxRounds} rounds at a tolerance of {Tolerance}: raise "
                    + $"MaxRounds, Tolerance or Regularization."
            )
        );
    }
}
