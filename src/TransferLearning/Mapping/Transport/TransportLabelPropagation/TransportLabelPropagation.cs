using System.Globalization;
using TransferLearning.Internal;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// OTLabelProp: source labels travel along a transport plan to the target rows, and a learner takes them up there.
/// </summary>
/// <remarks>
/// Target row j receives <c>l_j = sum_i G_ij y_i / sum_i G_ij</c>, y one-hot for classes: shares of the classes, or the
/// mean of values (Solomon, Rustamov, Guibas and Butscher 2014, "Wasserstein Propagation for Semi-Supervised Learning";
/// Redko, Courty, Flamary and Tuia 2019, section 4). The learner is fitted to the target rows so labeled, and reads new
/// rows of the target. No row moves: unlike <see cref="OptimalTransport"/> the learner sees the target as it is. Rows
/// that receive no mass take no part. Source weights are taken as masses. Costs a plan and a fit of m rows, and n m
/// memory.
/// </remarks>
/// <param name="learner">Learns on the target rows; null for <see cref="NearestNeighbor"/>.</param>
/// <param name="solver">Finds the plan, at squared Euclidean cost; null for the exact one.</param>
public sealed class TransportLabelPropagation(ILabelLearner? learner = null, ITransportSolver? solver = null)
    : IAdaptationStage
{
    // By how much labels may be more mixed among the target's neighbors than among the source's before a run warns.
    private const double MaxMixed = 0.1;

    private readonly ILabelLearner learner = learner ?? new NearestNeighbor();

    /// <summary>
    /// Whether costs are divided by their largest, so that regularizations need not know the features' scale. Default
    /// false.
    /// </summary>
    public bool NormalizesCost { get; init; }

    /// <summary>
    /// Whether the learner hears a row once for every class, weighted by its share, and not once for its largest: for
    /// learners of probabilities and plans that blur. Default false.
    /// </summary>
    public bool KeepsShares { get; init; }

    bool IAdaptationStage.TakesLabeledTarget => false;

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        RowChecks.Vectors(plan);
        plan.AddFaults(plan.OfClassesOrValues());
        return plan.WithFittedPredictor();
    }

    /// <inheritdoc />
    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(run);
        var embedded = state.Embedded();
        var domains = embedded.Domains;
        using var scope = NewDisposeScope();
        ILabelPredictor Fitted()
        {
            var (source, target) = (domains.PooledSources(), domains.Target.Inputs);
            var (labels, mass) = Received(source, target, run.Context);
            WarnIfMixed(source, target, labels, mass, run);
            return LabelShares.Learn(learner, target, labels, mass, source.Space, KeepsShares);
        }
        return embedded.With(null, run.Fitted("predictor", Fitted));
    }

    // A plan that looks at single rows may give neighbors of the target different classes.
    private static void WarnIfMixed(LabeledDomain source, Tensor target, Tensor labels, Tensor mass, FitRun run)
    {
        if (!source.Space.IsClasses)
        {
            return;
        }
        var reached = mass.gt(0).nonzero().squeeze(1);
        var own = ClassSeparation.Of(source.Inputs, source.Labels);
        var received = ClassSeparation.Of(target.index_select(0, reached), labels.index_select(0, reached).argmax(1));
        if (received < own - MaxMixed)
        {
            run.Warn(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the plan gives neighbors different classes: {100 * received:F1} % of the target's rows have "
                        + $"their nearest neighbor in the class that they received, {100 * own:F1} % of the source's "
                        + $"in "
                        + $"their own. Take a solver that blurs or keeps classes together, EntropicTransport or "
                        + $"GroupLassoTransport for instance, or map the features first."
                )
            );
        }
    }

    /// <summary>Fits the predictor to the target rows with the labels that come to them.</summary>
    /// <param name="source">Source rows <c>[n, d]</c> with classes or values.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="context">Cancellation; null for none.</param>
    /// <returns>The learner's predictor; the caller disposes it where it is disposable.</returns>
    public ILabelPredictor Fit(LabeledDomain source, Tensor target, FitContext? context = null)
    {
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        var (labels, mass) = Received(source, target, context);
        return LabelShares.Learn(learner, target, labels, mass, source.Space, KeepsShares);
    }

    /// <summary>The labels that come to the target rows.</summary>
    /// <param name="source">Source rows <c>[n, d]</c> with classes or values.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="context">Cancellation; null for none.</param>
    /// <returns>
    /// Shares of the classes <c>[m, classes]</c>, or values <c>[m, k]</c>, in the rows' dtype; zeros where no mass
    /// comes. The caller disposes them.
    /// </returns>
    public Tensor Labels(LabeledDomain source, Tensor target, FitContext? context = null)
    {
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        return Received(source, target, context).Labels.to(target.dtype).MoveToOuterDisposeScope();
    }

    private (Tensor Labels, Tensor Mass) Received(LabeledDomain source, Tensor target, FitContext? context)
    {
        using var quiet = no_grad();
        var plan = new OptimalTransport(solver) { NormalizesCost = NormalizesCost }.Plan(source, target, context);
        var mass = plan.sum(dim: 0);
        return (LabelShares.Of(plan.t().matmul(LabelTargets.Of(source, float64)), mass), mass);
    }
}
