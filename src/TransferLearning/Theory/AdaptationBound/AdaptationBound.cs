using TransferLearning.Internal;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Theory;

/// <summary>The terms of the bound on the target's error, each estimated from the rows that there are.</summary>
/// <remarks>
/// <para>
/// Theorem 2 of Ben-David, Blitzer, Crammer, Kulesza, Pereira and Vaughan 2010, "A Theory of Learning from Different
/// Domains": for hypotheses of VC dimension d and unlabeled samples of m rows of each domain, with probability <c>1 -
/// delta</c>, for every h: <c>e_T(h) &lt;= e_S(h) + 1/2 d_HdH(S, T) + 4 sqrt((2 d log(2 m) + log(2 / delta)) / m) +
/// lambda</c>, with <c>lambda = min_h (e_S(h) + e_T(h))</c>.
/// </para>
/// <para>
/// The source's error is that of held-out rows. The distance is sought (<see cref="Distance"/>), so that it is a lower
/// estimate. Lambda cannot be known without target labels, because two targets with the same inputs may have opposite
/// labels; with a few it is estimated by fitting both domains together, and tested on held-out rows of both. The
/// theorem holds for the supremum and the true errors: the sum of the estimates is no certificate. It says which term
/// is large, and so what to work on.
/// </para>
/// <para>
/// With <see cref="BoundDistance.MarginDisparity"/> the sample size term is of the rows at hand instead of every
/// distribution. Hypotheses are linear functions g of norm 1, of rows around 0 with a mean squared length of 1 and of a
/// constant 1; a row is of class 1 where g is positive. With <c>ramp(t) = min(1, max(0, 1 - t / rho))</c>, rho the
/// <see cref="Margin"/>, <c>D(g) = E ramp(sign(h) g)</c> and R the Rademacher complexities of the counted rows
/// (<see cref="RademacherComplexity"/>), with probability <c>1 - delta</c>:
/// <c>e_T(h) &lt;= e_S(h) + sup_g (D_T(g) - D_S(g)) + (2 / rho) (R_S + R_T) + 3 sqrt(log(4 / delta) / (2 n)) + 3
/// sqrt(log(4 / delta) / (2 m)) + lambda</c>, with <c>lambda = min_g (E_S ramp(y g) + e_T(g))</c> and the supremum over
/// means of the counted rows. It is the bound of a discrepancy distance by Rademacher complexity (Mansour, Mohri and
/// Rostamizadeh 2009, "Domain Adaptation: Learning Bounds and Algorithms") for the discrepancy of one hypothesis, with
/// margins (Zhang, Liu, Long and Jordan 2019, "Bridging Theory and Algorithm for Domain Adaptation"): the contraction
/// lemma divides R by rho, and signs that do not depend on the counted rows leave it as it is. So h must not have seen
/// them: one half of each domain fits, the other counts.
/// </para>
/// <para>
/// Theorem 2 of Ben-David et al. is of two classes. The inequality behind it, that errors differ by no more than
/// disagreements do, holds for any number; the sample size term then rests on <see cref="VcDimension"/>.
/// </para>
/// </remarks>
public sealed record AdaptationBound
{
    /// <summary>The learner whose predictors are the hypotheses. Default logistic regression.</summary>
    public ILabelLearner Learner { get; init; } = new LogisticRegression();

    /// <summary>How the distance is estimated. Default by pairs of hypotheses.</summary>
    public BoundDistance Distance { get; init; }

    /// <summary>
    /// The domain classifier where <see cref="Distance"/> is by one; null, the default, takes the learner.
    /// </summary>
    public ILabelLearner? DomainClassifier { get; init; }

    /// <summary>
    /// The VC dimension d of the hypotheses, at least 1; null, the default, is that of linear ones: features + 1,
    /// for C classes times <c>C - 1</c>, which counts parameters.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public long? VcDimension { get; init; }

    /// <summary>
    /// The margin rho from which on a hypothesis of norm 1 counts as sure, positive, where <see cref="Distance"/> is by
    /// margins. A small one makes the sample size term large, a large one lambda. Default 0.25.
    /// </summary>
    [OptionRange(Above = 0)]
    public double Margin { get; init; } = 0.25;

    /// <summary>The folds by which rows are held out, at least 2. Default 5.</summary>
    [OptionRange(AtLeast = 2)]
    public int Folds { get; init; } = 5;

    /// <summary>
    /// The confidence of each interval, and <c>1 - delta</c> of the sample size term, above 0 and below 1. Default
    /// 0.95.
    /// </summary>
    [OptionRange(Above = 0, Below = 1)]
    public double Confidence { get; init; } = 0.95;

    /// <summary>The seed of folds and halves. Default 0.</summary>
    public long Seed { get; init; }

    /// <summary>Estimates the terms.</summary>
    /// <param name="source">Labeled source rows <c>[n, d]</c>, classes, without weights.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="labeledTarget">
    /// A few labeled target rows, at least as many as folds, for lambda; null leaves it unknown.
    /// </param>
    /// <returns>The report.</returns>
    /// <exception cref="ArgumentException">Labels are values, there are weights, or shapes do not match.</exception>
    public AdaptationBoundReport Of(LabeledDomain source, UnlabeledDomain target, LabeledDomain? labeledTarget = null)
    {
        Check(source, target, labeledTarget);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var key = new RandomKey(Seed);
        var dimension = VcDimension ?? ((source.Inputs.shape[1] + 1) * Math.Max(1, source.Space.Width - 1));
        if (Distance == BoundDistance.MarginDisparity)
        {
            return ByMargins(source, target, labeledTarget, dimension);
        }
        var read = CrossFit.Classes(Learner, source, Folds, key.Child(0));
        var sizes = SampleSize(dimension, source.Count, target.Count, Confidence);
        return new AdaptationBoundReport
        {
            SourceError = Error(read, source.Labels),
            Distance = Between(source, target),
            DistanceKind = Distance,
            SampleSizeTerm = sizes,
            VcTerm = sizes,
            JointError = labeledTarget is null ? null : Joint(source, labeledTarget, key.Child(1)),
            TargetError = labeledTarget is null
                ? null
                : Error(CrossFit.Read(Learner, source, labeledTarget.Inputs), labeledTarget.Labels),
            VcDimension = dimension,
            Confidence = Confidence,
        };
    }

    /// <summary>
    /// The term of the sample sizes, <c>2 sqrt((2 d log(2 n) + log(2 / delta)) / n)</c> for the source's n rows, and
    /// the same for the target's m.
    /// </summary>
    /// <remarks>
    /// For samples of one size it is the term of the theorem as printed. Of two sizes each domain's probabilities are
    /// as far from their shares as its own sample allows, and the triangle inequality adds the two.
    /// </remarks>
    /// <param name="vcDimension">The VC dimension d of the hypotheses, at least 1.</param>
    /// <param name="sourceRows">The source's rows n, at least 1.</param>
    /// <param name="targetRows">The target's rows m, at least 1.</param>
    /// <param name="confidence"><c>1 - delta</c>, above 0 and below 1.</param>
    /// <returns>A positive number; above 1 it says nothing.</returns>
    public static double SampleSize(long vcDimension, long sourceRows, long targetRows, double confidence = 0.95)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vcDimension, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(sourceRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(targetRows, 1);
        Guard.Positive(confidence);
        Guard.InRange(confidence, 0, 1);
        double Half(double rows) =>
            2 * Math.Sqrt(((2 * vcDimension * Math.Log(2 * rows)) + Math.Log(2 / (1 - confidence))) / rows);
        return Half(sourceRows) + Half(targetRows);
    }

    /// <summary>
    /// The term of the rows' Rademacher complexities, <c>(2 / rho) (R_S + R_T) + 3 sqrt(log(4 / delta) / (2 n)) + 3
    /// sqrt(log(4 / delta) / (2 m))</c>.
    /// </summary>
    /// <remarks>
    /// Of a sample of n rows the mean of every function is as far from its expectation as <c>2 R + 3 sqrt(log(2 /
    /// delta) / (2 n))</c>; both domains at once halve delta, and the ramp divides R by rho.
    /// </remarks>
    /// <param name="sourceComplexity">The complexity R_S of the source's rows, not negative.</param>
    /// <param name="targetComplexity">The complexity R_T of the target's rows, not negative.</param>
    /// <param name="margin">The margin rho, positive.</param>
    /// <param name="sourceRows">The source's rows n, at least 1.</param>
    /// <param name="targetRows">The target's rows m, at least 1.</param>
    /// <param name="confidence"><c>1 - delta</c>, above 0 and below 1.</param>
    /// <returns>A positive number; above 1 it says nothing.</returns>
    public static double RademacherTerm(
        double sourceComplexity,
        double targetComplexity,
        double margin,
        long sourceRows,
        long targetRows,
        double confidence = 0.95
    )
    {
        Guard.NotNegative(sourceComplexity);
        Guard.NotNegative(targetComplexity);
        Guard.Positive(margin);
        ArgumentOutOfRangeException.ThrowIfLessThan(sourceRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(targetRows, 1);
        Guard.Positive(confidence);
        Guard.InRange(confidence, 0, 1);
        double Half(double rows) => 3 * Math.Sqrt(Math.Log(4 / (1 - confidence)) / (2 * rows));
        return (2 / margin * (sourceComplexity + targetComplexity)) + Half(sourceRows) + Half(targetRows);
    }

    /// <summary>The sum of theorem 1, <c>e_S(h) + 2 TV(S, T) + min(E_S |f_S - f_T|, E_T |f_S - f_T|)</c>.</summary>
    /// <remarks>
    /// It needs no joint hypothesis, but counts every set of rows, not only those where hypotheses disagree. Either
    /// mean of the labels' change serves; the smaller one makes the bound.
    /// </remarks>
    /// <param name="sourceError">The source's error <c>e_S(h)</c>.</param>
    /// <param name="totalVariation">The total variation TV (<see cref="TotalVariation"/>), from 0 to 1.</param>
    /// <param name="labelGap">
    /// The change of the labels on source rows or on target rows (<see cref="CrossLabelingReport.LabelGap"/>).
    /// </param>
    public static Estimate FirstTheorem(Estimate sourceError, Estimate totalVariation, Estimate labelGap) =>
        sourceError.Plus(totalVariation.Times(2)).Plus(labelGap);

    /// <summary>Estimates the terms of theorem 1.</summary>
    /// <remarks>
    /// <para>
    /// <c>e_T(h) &lt;= e_S(h) + d_1(S, T) + min(E_S |f_S - f_T|, E_T |f_S - f_T|)</c>, <c>d_1 = 2 TV</c>, f the
    /// domains' true labels. It holds for every h, of any number of classes, and without a sample size term, because
    /// it is of the domains themselves.
    /// </para>
    /// <para>
    /// The source's error is that of held-out rows. The total variation is that of a domain classifier's sets on
    /// held-out rows (<see cref="DomainClassifier"/>, or the learner): a lower estimate, and no sample bounds it from
    /// above. The change of the labels is cross-labeled: a labeler of the target reads the source's rows, which have
    /// labels of their own, and one of the source reads the target's. Each mean therefore holds the error of one
    /// labeler where it was not fitted. The labelers' errors at home are beside them, for comparison; the one that
    /// counts, on the other domain, nobody can tell from a change of the labels. <see cref="Distance"/>,
    /// <see cref="VcDimension"/> and <see cref="Margin"/> have no part in it.
    /// </para>
    /// </remarks>
    /// <param name="source">Labeled source rows <c>[n, d]</c>, classes, without weights; at least 4.</param>
    /// <param name="target">Target rows <c>[m, d]</c>, at least 4.</param>
    /// <param name="labeledTarget">
    /// A few labeled target rows, at least as many as folds, for the change of the labels; null leaves it unknown.
    /// </param>
    /// <returns>The report.</returns>
    /// <exception cref="ArgumentException">Labels are values, there are weights, or shapes do not match.</exception>
    public FirstTheoremReport FirstTheorem(
        LabeledDomain source,
        UnlabeledDomain target,
        LabeledDomain? labeledTarget = null
    )
    {
        Check(source, target, labeledTarget);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var key = new RandomKey(Seed);
        Estimate? Told(Func<LabeledDomain, Estimate> read) => labeledTarget is null ? null : read(labeledTarget);
        return new FirstTheoremReport
        {
            SourceError = Error(CrossFit.Classes(Learner, source, Folds, key.Child(0)), source.Labels),
            Variation = Variation(source, target),
            SourceGap = Told(few => Error(CrossFit.Read(Learner, few, source.Inputs), source.Labels)),
            TargetGap = Told(few => Error(CrossFit.Read(Learner, source, few.Inputs), few.Labels)),
            TargetLabelerError = Told(few => Error(CrossFit.Classes(Learner, few, Folds, key.Child(1)), few.Labels)),
            Confidence = Confidence,
        };
    }

    private void Check(LabeledDomain source, UnlabeledDomain target, LabeledDomain? labeledTarget)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        Guard.Pair(source.Inputs, target.Inputs, least: 4, sourceName: nameof(source), targetName: nameof(target));
        TheoryChecks.Classes(source, nameof(source));
        Guard.Options(this);
        if (labeledTarget is not null)
        {
            TheoryChecks.Alike(source, labeledTarget, nameof(source), nameof(labeledTarget));
            Limit.Keep(new Limit(nameof(Folds), Folds, labeledTarget.Count, "the number of labeled target rows"));
        }
    }

    private AdaptationBoundReport ByMargins(
        LabeledDomain source,
        UnlabeledDomain target,
        LabeledDomain? labeledTarget,
        long dimension
    )
    {
        var terms = new MarginTerms(this, source, target, new RandomKey(Seed));
        var (ofSource, ofTarget) = terms.Complexities();
        var (n, m) = terms.Counted;
        return new AdaptationBoundReport
        {
            SourceError = terms.SourceError(),
            Distance = terms.Disparity().Times(2),
            DistanceKind = Distance,
            SampleSizeTerm = RademacherTerm(ofSource.Value, ofTarget.Value, Margin, n, m, Confidence),
            VcTerm = SampleSize(dimension, source.Count, target.Count, Confidence),
            SourceComplexity = ofSource,
            TargetComplexity = ofTarget,
            Margin = Margin,
            JointError = labeledTarget is null ? null : terms.Joint(labeledTarget),
            TargetError = labeledTarget is null ? null : terms.TargetError(labeledTarget),
            VcDimension = dimension,
            Confidence = Confidence,
        };
    }

    private Estimate Between(LabeledDomain source, UnlabeledDomain target) =>
        Distance switch
        {
            BoundDistance.SymmetricDifference => new DisparityDiscrepancy
            {
                Learner = Learner,
                Confidence = Confidence,
                Seed = Seed,
            }.SymmetricDifference(source, target),
            BoundDistance.DomainClassifier => Variation(source, target).Times(2),
            _ => throw new ArgumentOutOfRangeException(nameof(Distance), Distance, $"there is no distance {Distance}."),
        };

    private Estimate Variation(LabeledDomain source, UnlabeledDomain target) =>
        new TotalVariation
        {
            Classifier = DomainClassifier ?? Learner,
            Folds = Folds,
            Confidence = Confidence,
            Seed = Seed,
        }.LowerBound(source.Inputs, target.Inputs);

    // Both domains weigh alike, so that the fit minimizes the sum of their errors.
    private Estimate Joint(LabeledDomain source, LabeledDomain labeledTarget, RandomKey key)
    {
        var labels = cat([source.Labels, labeledTarget.Labels]);
        var both = CrossFit.Pooled(source.Inputs, labeledTarget.Inputs, labels, source.Space);
        // Folds are even in classes and domains.
        var strata = cat([source.Labels, labeledTarget.Labels + source.Space.Width]);
        var read = CrossFit.Classes(Learner, both, Folds, key, strata);
        var (n, m) = (source.Count, labeledTarget.Count);
        return Error(read.narrow(0, 0, n), source.Labels)
            .Plus(Error(read.narrow(0, n, m), labeledTarget.Labels))
            .Within(0, 2);
    }

    private Estimate Error(Tensor read, Tensor labels) =>
        Estimate.OfShare(read.ne(labels).sum().ToInt64(), labels.shape[0], Confidence);
}
