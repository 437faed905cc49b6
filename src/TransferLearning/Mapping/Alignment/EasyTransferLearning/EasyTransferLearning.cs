using System.Globalization;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// EasyTL: target rows go to the nearest class center of the source, as a linear program in which no class may stay
/// empty.
/// </summary>
/// <remarks>
/// <para>
/// <c>min sum_jc D_jc M_jc</c> over <c>M >= 0</c> with <c>sum_c M_jc = 1</c> for each target row j and
/// <c>sum_j M_jc >= 1</c> for each class c (Wang, Chen, Yu, Huang and Yang 2019, "Easy Transfer Learning By Exploiting
/// Intra-domain Structures"), D the Euclidean distances to the source's class means; nothing is to be tuned. The paper
/// aligns correlations first: put <c>Map(new CorrelationAlignment())</c> before this stage.
/// </para>
/// <para>
/// With a further column of <c>m - C</c> rows that are free to go to their nearest center it is a transport problem,
/// solved exactly by the network simplex; its answer is whole, one class a row. The classes' prices, the multipliers of
/// <c>sum_j M_jc >= 1</c>, turn it into a rule for any row: the class of least <c>D_c - price_c</c>. Where every class
/// is the nearest of some row all prices are 0 and the rule is the nearest class mean. Costs m C d, and the transport
/// of m rows to C + 1 columns.
/// </para>
/// </remarks>
public sealed record EasyTransferLearning : IAdaptationStage
{
    // The share of rows that would have to change class before a run warns.
    private const double MaxMoved = 0.2;

    bool IAdaptationStage.TakesLabeledTarget => false;

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        RowChecks.Vectors(plan);
        if (!plan.Domains.Space.IsClasses)
        {
            plan.Fault($"classifies; the labels are {plan.Domains.Space}.");
        }
        else if (plan.Domains.Target.Count < plan.Domains.Space.Width)
        {
            plan.Fault(
                $"gives each of the {plan.Domains.Space.Width} classes a target row; the target has "
                    + $"{plan.Domains.Target.Count}."
            );
        }
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
        var centers = run.Fitted("centers", () => Fit(domains.PooledSources(), domains.Target.Inputs, run.Context));
        WarnIfSharesDiffer(domains, centers, run);
        return embedded.With(null, centers);
    }

    // Where the source's centers do not fit the target, its rows crowd around a few of them.
    private static void WarnIfSharesDiffer(DomainSet domains, PricedCenters centers, FitRun run)
    {
        using var quiet = no_grad();
        Tensor Shares(Tensor classes) =>
            nn.functional.one_hot(classes, domains.Space.Width).sum(dim: 0).to(float64) / classes.shape[0];
        var change = Shares(centers.Predict(domains.Target.Inputs).argmax(1)) - Shares(domains.PooledSources().Labels);
        var moved = change.abs().sum().item<double>() / 2;
        if (moved > MaxMoved)
        {
            var crowded = change.argmax().item<long>();
            run.Warn(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the classes' shares differ by {100 * moved:F1} % between the source and what the target's "
                        + $"rows are taken for, most in class {crowded} with {100 * change[crowded].item<double>():F1} "
                        + $"% more. Unless they do differ so, the source's centers do not fit the target here: align "
                        + $"the domains first, by Map(new CorrelationAlignment()) as the paper does or by another map."
                )
            );
        }
    }

    /// <summary>Fits the rule.</summary>
    /// <param name="source">
    /// Labeled source rows <c>[n, d]</c>, classes; weights, where given, weigh the class means.
    /// </param>
    /// <param name="target">Target rows <c>[m, d]</c>, at least one for each class.</param>
    /// <param name="context">Cancellation.</param>
    /// <returns>The class centers with their prices; the caller disposes them.</returns>
    public PricedCenters Fit(LabeledDomain source, Tensor target, FitContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        Guard.Pair(source.Inputs, target, sourceName: nameof(source), targetName: nameof(target));
        ClassLabels.Check(source);
        if (target.shape[0] < source.Space.Width)
        {
            throw new ArgumentException(
                $"target must have a row for each of the {source.Space.Width} classes; got {Shape.Of(target)}.",
                nameof(target)
            );
        }
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var classes = nn.functional.one_hot(source.Labels, source.Space.Width).to(float64);
        if (source.Weights is { } weights)
        {
            classes *= weights.to(float64).unsqueeze(1);
        }
        var counts = classes.sum(dim: 0);
        // A class that the source lacks has no center: it is left out of the program.
        var known = counts.gt(0).nonzero().reshape(-1);
        var centers = (classes.t().matmul(source.Inputs.to(float64)) / counts.unsqueeze(1)).index_select(0, known);
        var distances = Kernels.SquaredDistances.Between(target.to(float64), centers).sqrt();
        var prices = ClassPrices.Of(
            distances.cpu().contiguous().data<double>().ToArray(),
            (int)known.shape[0],
            context?.Cancellation ?? default
        );
        return new PricedCenters(
            centers.to(target.dtype),
            tensor(prices, dtype: float64).to(target.device),
            known,
            source.Space.Width
        );
    }
}
