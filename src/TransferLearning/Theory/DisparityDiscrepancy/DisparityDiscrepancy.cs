using TransferLearning.Internal;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Theory;

/// <summary>
/// Distances of domains by two classifiers that agree on the source and disagree on the target: the disparity
/// discrepancy and the distance over the symmetric-difference space.
/// </summary>
/// <remarks>
/// <para>
/// For a hypothesis h the disparity discrepancy is <c>sup_h' (P_T(h' != h) - P_S(h' != h))</c> (Zhang, Liu, Long and
/// Jordan 2019, "Bridging Theory and Algorithm for Domain Adaptation"). Over all pairs it is half of
/// <c>d_HdH = 2 sup_{h, h'} |P_S(h != h') - P_T(h != h')|</c> (Ben-David, Blitzer, Crammer, Kulesza, Pereira and
/// Vaughan 2010, "A Theory of Learning from Different Domains").
/// </para>
/// <para>
/// The rival h' is sought by the learner: fitted to source rows with h's class and to target rows with the class that h
/// holds for the next likely (of two classes: the other one), both domains weighing alike. Where naming one class
/// throughout does better on those rows, that is the rival. One half of each domain, drawn by the seed, fits; the other
/// counts disagreements. Every pair bounds the supremum from below, so what is found is a lower estimate: as good as
/// the learner's search, and for more than two classes over rivals that name the second class.
/// </para>
/// </remarks>
public sealed record DisparityDiscrepancy
{
    /// <summary>The learner whose predictors are the hypotheses. Default logistic regression.</summary>
    public ILabelLearner Learner { get; init; } = new LogisticRegression();

    /// <summary>
    /// How often a rival takes the hypothesis's place and gets a rival of its own, for the distance over all pairs, at
    /// least 1. Default 3.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int Rounds { get; init; } = 3;

    /// <summary>The confidence of the interval, from 0 to below 1. Default 0.95.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Confidence { get; init; } = 0.95;

    /// <summary>The seed of the halves. Default 0.</summary>
    public long Seed { get; init; }

    /// <summary>The disparity discrepancy of a hypothesis.</summary>
    /// <param name="hypothesis">The hypothesis h; its scores are of at least two classes.</param>
    /// <param name="source">Source rows <c>[n, d]</c>, at least 4.</param>
    /// <param name="target">Target rows <c>[m, d]</c>, at least 4.</param>
    /// <returns>A number from 0 to 1 with Newcombe's interval.</returns>
    public Estimate Of(ILabelPredictor hypothesis, Tensor source, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(hypothesis);
        Guard.Pair(source, target, least: 4);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var mode = EvaluationMode.Of(hypothesis);
        var (fit, held) = Halves(source, target);
        var rival = Rival(hypothesis, fit);
        using var owned = rival as IDisposable;
        return Disparity(hypothesis, rival, held).Within(0, 1);
    }

    /// <summary>
    /// The distance over all pairs, <c>d_HdH</c>: the best of several pairs on one half, measured on the other.
    /// </summary>
    /// <remarks>
    /// The search starts at the classifier of the source's labels and at one that tells the domains apart, and goes on
    /// from each rival for <see cref="Rounds"/> rounds. Costs <c>2 (Rounds + 1)</c> fits.
    /// </remarks>
    /// <param name="source">Labeled source rows, at least 4, classes.</param>
    /// <param name="target">Target rows, at least 4.</param>
    /// <returns>A number from 0 to 2 with its interval.</returns>
    public Estimate SymmetricDifference(LabeledDomain source, UnlabeledDomain target)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        Guard.Pair(source.Inputs, target.Inputs, least: 4, sourceName: nameof(source), targetName: nameof(target));
        TheoryChecks.Classes(source, nameof(source));
        Guard.Options(this);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (fit, held) = Halves(source.Inputs, target.Inputs, out var rows);
        var space = LabelSpace.Classes((int)Math.Max(2, source.Space.Width));
        var best = (OnFit: double.NegativeInfinity, OnHeld: default(Estimate));
        LabeledDomain[] starts =
        [
            new LabeledDomain(fit.Source, source.Labels.index_select(0, rows), space: space),
            Domains(fit, space),
        ];
        var made = new List<ILabelPredictor>();
        try
        {
            foreach (var start in starts)
            {
                made.Add(Learner.Fit(start));
                for (var round = 0; round < Rounds; round++)
                {
                    Canceling.Check();
                    made.Add(Rival(made[^1], fit));
                    var onFit = Disparity(made[^2], made[^1], fit).Value;
                    best = onFit > best.OnFit ? (onFit, Disparity(made[^2], made[^1], held)) : best;
                }
            }
        }
        finally
        {
            made.OfType<IDisposable>().ToList().ForEach(predictor => predictor.Dispose());
        }
        return best.OnHeld.Within(0, 1).Times(2);
    }

    /// <summary>
    /// How far pairs of hypotheses show the distance: lemma 3 of Ben-David et al. 2010 by numbers,
    /// <c>|e_S(h, h') - e_T(h, h')| &lt;= 1/2 d_HdH</c> for every two hypotheses, <c>e(h, h') = P(h != h')</c>.
    /// </summary>
    /// <remarks>
    /// Every pair's difference bounds half of the distance from below, as the search of
    /// <see cref="SymmetricDifference"/> does. So a pair above what was searched does not refute the lemma: it shows
    /// that the search has missed a pair, and raises the lower estimate. The intervals of the differences hold for all
    /// pairs together (Bonferroni).
    /// </remarks>
    /// <param name="hypotheses">
    /// At least two; their scores are of the source's classes. No row that counts should have fitted one: the intervals
    /// are of rows that they have not seen.
    /// </param>
    /// <param name="source">Labeled source rows, at least 4, classes; the labels serve the search alone.</param>
    /// <param name="target">Target rows, at least 4.</param>
    /// <returns>The pairs and the searched distance.</returns>
    /// <exception cref="ArgumentException">
    /// There are fewer than two hypotheses, or one has scores of other classes.
    /// </exception>
    public DisagreementReport Pairs(
        IReadOnlyList<ILabelPredictor> hypotheses,
        LabeledDomain source,
        UnlabeledDomain target
    )
    {
        ArgumentNullException.ThrowIfNull(hypotheses);
        if (hypotheses.Count < 2 || hypotheses.Any(hypothesis => hypothesis is null))
        {
            throw new ArgumentException(
                $"hypotheses must be at least two, and none null; got {hypotheses.Count}.",
                nameof(hypotheses)
            );
        }
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        Guard.Pair(source.Inputs, target.Inputs, least: 4, sourceName: nameof(source), targetName: nameof(target));
        TheoryChecks.Classes(source, nameof(source));
        Guard.Options(this);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var read = hypotheses
            .Select((it, i) => (OnSource: Read(it, i, source.Inputs), OnTarget: Read(it, i, target.Inputs)))
            .ToList();
        var numbers = Enumerable.Range(0, read.Count).ToList();
        var pairs = numbers.SelectMany(i => numbers.Skip(i + 1).Select(j => (First: i, Second: j))).ToList();
        var together = 1 - ((1 - Confidence) / pairs.Count);
        Estimate Share(Tensor first, Tensor second) =>
            Estimate.OfShare(first.ne(second).sum().ToInt64(), first.shape[0], together);
        return new DisagreementReport
        {
            Pairs =
            [
                .. pairs.Select(it => new DisagreementPair(
                    it.First,
                    it.Second,
                    Share(read[it.First].OnSource, read[it.Second].OnSource),
                    Share(read[it.First].OnTarget, read[it.Second].OnTarget)
                )),
            ],
            Searched = SymmetricDifference(source, target).Times(0.5),
            Confidence = Confidence,
        };

        Tensor Read(ILabelPredictor hypothesis, int number, Tensor rows)
        {
            using var mode = EvaluationMode.Of(hypothesis);
            var scores = hypothesis.Predict(rows);
            Guard.Numbers(scores, nameof(hypotheses));
            return scores.dim() == 2 && scores.shape[0] == rows.shape[0] && scores.shape[1] == source.Space.Width
                ? scores.argmax(1)
                : throw new ArgumentException(
                    $"hypotheses must score the {source.Space.Width} classes of source, [n, {source.Space.Width}]; "
                        + $"number {number} gave {Shape.Of(scores)} for {rows.shape[0]} rows.",
                    nameof(hypotheses)
                );
        }
    }

    private ILabelPredictor Rival(ILabelPredictor hypothesis, (Tensor Source, Tensor Target) rows)
    {
        using var scope = NewDisposeScope();
        var scores = hypothesis.Predict(rows.Target);
        if (scores.dim() != 2 || scores.shape[1] < 2)
        {
            throw new ArgumentException(
                $"hypothesis must score at least two classes, [n, C]; got {Shape.Of(scores)}.",
                nameof(hypothesis)
            );
        }
        var own = hypothesis.Predict(rows.Source).argmax(1);
        var other = scores.topk(2, 1).indexes.select(1, 1);
        var classes = (int)scores.shape[1];
        var fitted = Learner.Fit(
            CrossFit.Pooled(rows.Source, rows.Target, cat([own, other]), LabelSpace.Classes(classes))
        );
        var best = default(ILabelPredictor);
        try
        {
            best = Enumerable
                .Range(0, classes)
                .Select(c => (ILabelPredictor)new OneClass(c, classes))
                .Prepend(fitted)
                .MaxBy(rival => Disparity(hypothesis, rival, rows).Value);
            return best!;
        }
        finally
        {
            if (!ReferenceEquals(best, fitted))
            {
                (fitted as IDisposable)?.Dispose();
            }
        }
    }

    private Estimate Disparity(ILabelPredictor first, ILabelPredictor second, (Tensor Source, Tensor Target) rows)
    {
        using var scope = NewDisposeScope();
        Estimate Apart(Tensor some)
        {
            var apart = first.Predict(some).argmax(1).ne(second.Predict(some).argmax(1));
            return Estimate.OfShare(apart.sum().ToInt64(), some.shape[0], Confidence);
        }
        return Apart(rows.Target).Minus(Apart(rows.Source));
    }

    private static LabeledDomain Domains((Tensor Source, Tensor Target) rows, LabelSpace space)
    {
        var plain = CrossFit.Domains(rows.Source, rows.Target);
        return new LabeledDomain(plain.Inputs, plain.Labels, plain.Weights, space);
    }

    private ((Tensor Source, Tensor Target) Fit, (Tensor Source, Tensor Target) Held) Halves(
        Tensor source,
        Tensor target
    ) => Halves(source, target, out _);

    private ((Tensor Source, Tensor Target) Fit, (Tensor Source, Tensor Target) Held) Halves(
        Tensor source,
        Tensor target,
        out Tensor sourceRows
    )
    {
        var key = new RandomKey(Seed);
        var (ofSource, ofTarget) = (CrossFit.Halves(source, key.Child(0)), CrossFit.Halves(target, key.Child(1)));
        sourceRows = ofSource.Fit;
        return (
            (source.index_select(0, ofSource.Fit), target.index_select(0, ofTarget.Fit)),
            (source.index_select(0, ofSource.Held), target.index_select(0, ofTarget.Held))
        );
    }

    /// <summary>Names one class throughout.</summary>
    private sealed class OneClass(int named, int classes) : ILabelPredictor
    {
        public Tensor Predict(Tensor features)
        {
            using var scope = NewDisposeScope();
            var column = zeros([features.shape[0], 1], features.dtype, features.device);
            var scores = Enumerable.Range(0, classes).Select(c => c == named ? ones_like(column) : column);
            return cat([.. scores], 1).MoveToOuterDisposeScope();
        }
    }
}
