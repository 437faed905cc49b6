using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// Two-stage TrAdaBoost.R2: first lowers the weights of source rows in steps, choosing the step by cross-validation on
/// the target; then boosts the target rows only.
/// </summary>
/// <remarks>
/// <para>
/// Pardoe and Stone 2010, "Boosting for Regression Transfer", algorithm 3. Step t of S: AdaBoost.R2 with frozen source
/// weights gives a model and, by F folds of the target, its squared error, by the target's example weights; a learner
/// fitted to the weights gives adjusted errors e_i; source rows are multiplied by <c>beta^e_i</c>, beta such that the
/// target holds <c>q + t / (S - 1) (1 - q)</c> of all weight, q its share at the start: <c>m / (n + m)</c> without
/// weights. The model of the step with the least error is the result.
/// </para>
/// <para>
/// Unlike in one-stage boosting, the weight of a source row falls for its own error, never for the progress of target
/// rows. Costs S N (F + 1) fits of the weak learner.
/// </para>
/// </remarks>
/// <param name="learner">The weak learner; it must honor example weights.</param>
public sealed class TwoStageTrAdaBoostR2(ILabelLearner learner) : IAdaptationStage
{
    private readonly ILabelLearner learner = learner ?? throw new ArgumentNullException(nameof(learner));

    /// <summary>The steps S of the first stage, at least 2. Default 10.</summary>
    [OptionRange(AtLeast = 2)]
    public int Steps { get; init; } = 10;

    /// <summary>The rounds N of the second stage. Default 10.</summary>
    [OptionRange(AtLeast = 1)]
    public int Rounds { get; init; } = 10;

    /// <summary>The folds F of the target, at least 2. Default 5.</summary>
    [OptionRange(AtLeast = 2)]
    public int Folds { get; init; } = 5;

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        RowChecks.Vectors(plan);
        plan.AddFaults(Limit.Faults(Most(plan.Domains.LabeledTarget?.Count)));
        return RegressionErrors.Plan(plan);
    }

    /// <inheritdoc />
    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(run);
        var embedded = state.Embedded();
        var domains = embedded.Domains;
        var median = run.Fitted("median", () => Fit(domains.PooledSources(), domains.LabeledTarget!, run.Context));
        return embedded.With(null, median);
    }

    /// <summary>Boosts over a source and a few labeled target rows.</summary>
    /// <param name="source">
    /// Source rows <c>[n, d]</c> with values; their weights, where given, are the initial ones.
    /// </param>
    /// <param name="target">Labeled target rows <c>[m, d]</c> with values, likewise, at least as many as folds.</param>
    /// <param name="context">Randomness (folds), cancellation and progress; null for seed 0.</param>
    /// <returns>The predictor; the caller disposes it. Its record holds the rounds of the second stage.</returns>
    public WeightedMedian Fit(LabeledDomain source, LabeledDomain target, FitContext? context = null)
    {
        RegressionErrors.Check(source, target);
        Guard.Options(this);
        Limit.Keep(Most(target.Count));
        var run = context ?? new FitContext();
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var all = DomainPool.Labeled([source, target]);
        var folds = RatioBasis.Order(target.Inputs, run.Key.Child(0)).remainder(Folds);
        var shares = ClassErrors.Initial(all);
        shares /= shares.sum();
        var start = shares.narrow(0, source.Count, target.Count).sum().item<double>();
        var best = (Error: double.PositiveInfinity, Shares: shares);
        for (var step = 1; step <= Steps; step++)
        {
            run.Report((double)(step - 1) / Steps);
            using var stepScope = NewDisposeScope();
            var error = HeldOutError(all, source.Count, shares, folds, run);
            if (error < best.Error)
            {
                best = (error, shares);
            }
            if (step < Steps)
            {
                var wanted = start + ((double)step / (Steps - 1) * (1 - start));
                shares = Lowered(all, source.Count, shares, wanted).MoveToOuterDisposeScope();
            }
        }
        return TargetBoosting.Fit(learner, Rounds, all, source.Count, best.Shares, run);
    }

    private Limit Most(long? rows) => new(nameof(Folds), Folds, rows, "the number of labeled target rows");

    private double HeldOutError(LabeledDomain all, long n, Tensor shares, Tensor folds, FitContext run)
    {
        var total = 0.0;
        for (var fold = 0; fold < Folds; fold++)
        {
            using var scope = NewDisposeScope();
            var isHeld = folds.eq(fold);
            var held = isHeld.nonzero().squeeze(1) + n;
            var rest = cat([
                arange(n, dtype: int64, device: held.device),
                isHeld.logical_not().nonzero().squeeze(1) + n,
            ]);
            var kept = shares.index_select(0, rest);
            var labels = all.Labels.reshape(all.Count, -1);
            using var model = TargetBoosting.Fit(
                learner,
                Rounds,
                new LabeledDomain(
                    all.Inputs.index_select(0, rest),
                    labels.index_select(0, rest),
                    all.Weights?.index_select(0, rest),
                    all.Space
                ),
                n,
                kept / kept.sum(),
                run
            );
            var gaps = model.Predict(all.Inputs.index_select(0, held)) - labels.index_select(0, held);
            var squares = gaps.to(float64).square();
            var weighed = all.Weights is { } weights ? squares * weights.index_select(0, held).unsqueeze(1) : squares;
            total += weighed.sum().item<double>();
        }
        return total;
    }

    // The source's rows times beta^e, beta found by halving so that the target holds its share.
    private Tensor Lowered(LabeledDomain all, long n, Tensor shares, double wanted)
    {
        var fitted = learner.Fit(RegressionErrors.Weighted(all, shares));
        using var owned = fitted as IDisposable;
        var errors = RegressionErrors.Of(fitted, all).narrow(0, 0, n);
        var (ofSource, ofTarget) = (shares.narrow(0, 0, n), shares.narrow(0, n, all.Count - n));
        var target = ofTarget.sum().item<double>();
        // In -ln beta, from 0 up to where nothing that errs is left.
        var (low, high) = (0.0, 1e6);
        for (var halving = 0; halving < 100; halving++)
        {
            var middle = (low + high) / 2;
            var source = (ofSource * (errors * -middle).exp()).sum().item<double>();
            (low, high) = target / (target + source) < wanted ? (middle, high) : (low, middle);
        }
        var lowered = cat([ofSource * (errors * -high).exp(), ofTarget]);
        return lowered / lowered.sum();
    }
}
