using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// ExpBoost.R2: boosting of a regression on the target in which every round takes the better of a new learner and the
/// experts that the source trained.
/// </summary>
/// <remarks>
/// Pardoe and Stone 2010, "Boosting for Regression Transfer", section 3.3, after Rettinger, Zinkevich and Bowling 2006.
/// Each source's rows, in random order, are cut into chunks, and the learner is fitted to each: the experts. Then
/// AdaBoost.R2 runs over the m labeled target rows: <c>e_i = |h(x_i) - y_i| / max_j |h(x_j) - y_j|</c> for the new
/// learner and for each expert; the one with the least weighted e counts; <c>beta_t = e / (1 - e)</c>; weights are
/// multiplied by <c>beta_t^(1 - e_i)</c>. It ends at <c>e &gt;= 1/2</c>. All rounds answer with the median weighted by
/// <c>-ln beta_t</c>. Source rows have no weight of their own: an expert is used as it is, or not at all.
/// </remarks>
/// <param name="learner">The weak learner, of experts and rounds; it must honor example weights.</param>
public sealed class ExpBoostR2(ILabelLearner learner) : IAdaptationStage
{
    private readonly ILabelLearner learner = learner ?? throw new ArgumentNullException(nameof(learner));

    /// <summary>The most rounds N. Default 20.</summary>
    [OptionRange(AtLeast = 1)]
    public int Rounds { get; init; } = 20;

    /// <summary>
    /// How many experts each source trains, on as many parts of its rows; a part without weight trains none. Default 5.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int Experts { get; init; } = 5;

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        RowChecks.Vectors(plan);
        plan.AddFaults(Limit.Faults(plan.Domains.Sources.Select(Most)));
        return RegressionErrors.Plan(plan);
    }

    /// <inheritdoc />
    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(run);
        var embedded = state.Embedded();
        var domains = embedded.Domains;
        var median = run.Fitted("median", () => Fit(domains.Sources, domains.LabeledTarget!, run.Context));
        return embedded.With(null, median);
    }

    /// <summary>Trains the experts and boosts over a few labeled target rows.</summary>
    /// <param name="sources">Source rows <c>[n_k, d]</c> with values; each expert honors their weights.</param>
    /// <param name="target">
    /// Labeled target rows <c>[m, d]</c>; their weights, where given, are the initial ones.
    /// </param>
    /// <param name="context">Randomness (the chunks), cancellation and progress; null for seed 0.</param>
    /// <returns>The predictor, with the record of the rounds; the caller disposes it.</returns>
    public WeightedMedian Fit(IReadOnlyList<LabeledDomain> sources, LabeledDomain target, FitContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(sources);
        Guard.Options(this);
        if (sources.Count == 0)
        {
            throw new ArgumentException("at least one source is needed.", nameof(sources));
        }
        foreach (var source in sources)
        {
            RegressionErrors.Check(source, target);
            Limit.Keep(Most(source));
        }
        var run = context ?? new FitContext();
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var made = new Unfinished();
        var experts = sources
            .SelectMany((source, k) => Trained(source, run, k, sources.Count))
            .Select(made.Add)
            .ToList();
        var shares = ClassErrors.Initial(target);
        return made.HandOver(TargetBoosting.Fit(learner, Rounds, target, 0, shares / shares.sum(), run, experts));
    }

    private Limit Most(LabeledDomain source) => new(nameof(Experts), Experts, source.Count, "the rows of a source");

    private IEnumerable<ILabelPredictor> Trained(LabeledDomain source, FitContext run, int k, int sources)
    {
        var order = RatioBasis.Order(source.Inputs, run.Key.Child(k));
        for (var i = 0; i < Experts; i++)
        {
            run.Report((double)((k * Experts) + i) / (sources * (Experts + 1)));
            var (from, to) = (source.Count * i / Experts, source.Count * (i + 1) / Experts);
            var rows = order.narrow(0, from, to - from);
            if (source.Weights is { } weights && weights.index_select(0, rows).max().ToDouble() <= 0)
            {
                continue; // nothing to learn from
            }
            yield return learner.Fit(HeldOutProbabilities.Rows(source, rows));
        }
    }
}
