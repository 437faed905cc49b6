using TransferLearning.Internal;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Theory;

/// <summary>The terms of the bound by margins, of linear hypotheses of norm 1 and two classes.</summary>
/// <remarks>
/// One half of each domain, drawn by the seed, centers and scales the rows, fits the hypothesis and its rival; the
/// other counts.
/// </remarks>
internal sealed class MarginTerms
{
    private readonly AdaptationBound bound;
    private readonly LabeledDomain source;
    private readonly RandomKey key;
    private readonly Tensor center;
    private readonly Tensor spread;
    private readonly (Tensor Source, Tensor Target) fit;
    private readonly (Tensor Source, Tensor Target) held;
    private readonly Tensor heldLabels;
    private readonly Tensor hypothesis;

    public MarginTerms(AdaptationBound bound, LabeledDomain source, UnlabeledDomain target, RandomKey key)
    {
        (this.bound, this.source, this.key) = (bound, source, key);
        if (source.Space.Width != 2)
        {
            throw new ArgumentException(
                $"source must have two classes where the distance is by margins; got {source.Space}.",
                nameof(source)
            );
        }
        var ofSource = CrossFit.Halves(source.Inputs, key.Child(0));
        var ofTarget = CrossFit.Halves(target.Inputs, key.Child(1));
        Tensor Of(Tensor rows, Tensor numbers) => rows.index_select(0, numbers).to(float64);
        var raw = (Source: Of(source.Inputs, ofSource.Fit), Target: Of(target.Inputs, ofTarget.Fit));
        var pooled = cat([raw.Source, raw.Target]);
        center = pooled.mean([0L], keepdim: true);
        var distance = (pooled - center).square().sum(1).mean().sqrt();
        spread = where(distance.gt(0), distance, ones_like(distance));
        fit = (Unit(raw.Source), Unit(raw.Target));
        held = (Unit(Of(source.Inputs, ofSource.Held)), Unit(Of(target.Inputs, ofTarget.Held)));
        heldLabels = source.Labels.index_select(0, ofSource.Held);
        hypothesis = Direction(fit.Source, source.Labels.index_select(0, ofSource.Fit), weights: null);
    }

    public Estimate SourceError() => Error(held.Source, heldLabels);

    public Estimate TargetError(LabeledDomain labeled) => Error(Unit(labeled.Inputs.to(float64)), labeled.Labels);

    /// <summary>By signs of their own for each domain: the interval of the sum takes them as independent.</summary>
    public (Estimate Source, Estimate Target) Complexities() =>
        (
            RademacherComplexity.OfLinear(held.Source, confidence: bound.Confidence, seed: bound.Seed),
            RademacherComplexity.OfLinear(held.Target, confidence: bound.Confidence, seed: key.Child(3).Seed)
        );

    public (long Source, long Target) Counted => (held.Source.shape[0], held.Target.shape[0]);

    /// <summary>The margin disparity discrepancy of the hypothesis, from below.</summary>
    public Estimate Disparity()
    {
        var opposite = Classes(fit.Target, hypothesis).eq(0).to(int64);
        var labels = cat([Classes(fit.Source, hypothesis), opposite]);
        var pooled = CrossFit.Pooled(fit.Source, fit.Target, labels, source.Space);
        var alone = zeros_like(hypothesis);
        alone[-1] = 1.0;
        // A rival that says nothing has a disparity of 1 on both domains.
        Tensor[] rivals =
        [
            Direction(pooled.Inputs, labels, pooled.Weights),
            alone,
            alone.neg(),
            zeros_like(hypothesis),
        ];
        var best = rivals.MaxBy(rival => Between(rival, fit).Value)!;
        return Between(best, held).Within(0, 1);
    }

    /// <summary>Lambda: the margin loss on the source and the error on the target of a hypothesis of both.</summary>
    public Estimate Joint(LabeledDomain labeled)
    {
        var ofTarget = Unit(labeled.Inputs.to(float64));
        var rows = Unit(source.Inputs.to(float64));
        var labels = cat([source.Labels, labeled.Labels]);
        var both = CrossFit.Pooled(rows, ofTarget, labels, source.Space);
        var strata = cat([source.Labels, labeled.Labels + 2]);
        var scores = CrossFit.Held(
            both,
            bound.Folds,
            key.Child(2),
            strata,
            (seen, others) => others.matmul(Direction(seen.Inputs, seen.Labels, seen.Weights))
        );
        var (n, m) = (source.Count, labeled.Count);
        var margins = scores * Signs(labels);
        return Mean(Ramp(margins.narrow(0, 0, n)))
            .Plus(Estimate.OfShare(margins.narrow(0, n, m).le(0).sum().ToInt64(), m, bound.Confidence))
            .Within(0, 2);
    }

    private Estimate Between(Tensor rival, (Tensor Source, Tensor Target) rows)
    {
        Estimate Of(Tensor some) => Mean(Ramp(some.matmul(rival) * Signs(Classes(some, hypothesis))));
        return Of(rows.Target).Minus(Of(rows.Source));
    }

    private Estimate Error(Tensor rows, Tensor labels) =>
        Estimate.OfShare(Classes(rows, hypothesis).ne(labels).sum().ToInt64(), labels.shape[0], bound.Confidence);

    // A mean of numbers from 0 to 1 varies no more than a share does.
    private Estimate Mean(Tensor values)
    {
        var mean = Math.Clamp(values.mean().ToDouble(), 0, 1);
        var (lower, upper) = WilsonInterval.OfShare(mean, values.shape[0], bound.Confidence);
        return new Estimate(mean, lower, upper);
    }

    private Tensor Ramp(Tensor margins) => (1 - (margins / bound.Margin)).clamp(0, 1);

    private static Tensor Classes(Tensor rows, Tensor direction) => rows.matmul(direction).gt(0).to(int64);

    private static Tensor Signs(Tensor classes) => (classes * 2).to(float64) - 1;

    // Rows around 0 of mean squared length 1, and a 1 for the intercept.
    private Tensor Unit(Tensor rows) =>
        cat([(rows - center) / spread, ones([rows.shape[0], 1], float64, rows.device)], 1);

    // The learner's hypothesis as one function of norm 1, positive for class 1.
    private Tensor Direction(Tensor unitRows, Tensor labels, Tensor? weights)
    {
        var rows = unitRows.narrow(1, 0, unitRows.shape[1] - 1);
        var fitted = bound.Learner.Fit(new LabeledDomain(rows, labels, weights, source.Space));
        using var owned = fitted as IDisposable;
        if (fitted is not LinearPredictor { Weight: var w, Bias: var b } || w.shape[1] != 2)
        {
            throw new ArgumentException(
                $"{nameof(AdaptationBound.Learner)} must fit linear predictors of two classes where the distance is by "
                    + $"margins, {nameof(LogisticRegression)} or {nameof(LinearSupportVectorMachine)} for instance; "
                    + $"{bound.Learner.GetType().Name} fitted a {fitted.GetType().Name}."
            );
        }
        var function = cat([w.select(1, 1) - w.select(1, 0), (b[1] - b[0]).unsqueeze(0)]);
        var norm = function.square().sum().sqrt();
        return where(norm.gt(0), function / norm, function);
    }
}
