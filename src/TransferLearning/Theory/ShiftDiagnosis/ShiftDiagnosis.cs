using TransferLearning.Instance;
using TransferLearning.Internal;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Theory;

/// <summary>What kind of shift lies between two domains, and which families of methods suit it.</summary>
/// <remarks>
/// <para>
/// No target label is read. The inputs: how well a classifier tells held-out rows of the domains apart, a kernel
/// two-sample test (<see cref="MaximumMeanDiscrepancyTest"/>), and each feature by itself
/// (<see cref="TotalVariation"/>). The classes: the target's estimated shares
/// (<see cref="BlackBoxShiftEstimation"/>, <see cref="MaximumLikelihoodLabelShift"/>). The rows of each class: the test
/// again, of held-out source rows and target rows that the source's classifier reads as the class. The overlap: how
/// many source rows are left in effect when they are weighed to the target,
/// <c>(sum w)^2 / (n sum w^2)</c> of <c>w = p(target | x) / p(source | x)</c> by the domain classifier.
/// </para>
/// <para>
/// Shares and class rows lean on the source's classifier. Where the shift misleads it both are wrong, and a change of
/// the labels of the same inputs cannot be seen at all: that needs target labels (<see cref="CrossLabeling"/>). Costs
/// <c>3 Folds + 2</c> fits of the classifier, a test of all rows and one for each class.
/// </para>
/// </remarks>
public sealed record ShiftDiagnosis
{
    private const long FewestOfAClass = 4;

    /// <summary>The classifier of domains and of classes. Default logistic regression.</summary>
    public ILabelLearner Classifier { get; init; } = new LogisticRegression();

    /// <summary>The folds by which rows are held out, at least 2. Default 5.</summary>
    [OptionRange(AtLeast = 2)]
    public int Folds { get; init; } = 5;

    /// <summary>
    /// The test of a class's rows. Default a Gaussian kernel and 999 permutations; of k classes at least
    /// <c>k / (1 - Confidence)</c>, because fewer could tell none of so many tests from chance.
    /// </summary>
    public MaximumMeanDiscrepancyTest Test { get; init; } = new();

    /// <summary>The most rows of a domain that a test is given, at least 4. Default 300.</summary>
    [OptionRange(AtLeast = 4)]
    public int MaxRows { get; init; } = 300;

    /// <summary>How many features are named, at least 1. Default 5.</summary>
    [OptionRange(AtLeast = 1)]
    public int MaxFeatures { get; init; } = 5;

    /// <summary>The total variation of inputs or classes that counts as a shift, from 0 to 1. Default 0.1.</summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double LeastShift { get; init; } = 0.1;

    /// <summary>
    /// The share of source rows below which the domains hardly overlap, from 0 to 1. Default a third.
    /// </summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double LeastOverlap { get; init; } = 1.0 / 3;

    /// <summary>
    /// The confidence of intervals and, for all classes together, of tests, from 0 to below 1. Default 0.95.
    /// </summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Confidence { get; init; } = 0.95;

    /// <summary>The seed of folds, draws and permutations. Default 0.</summary>
    public long Seed { get; init; }

    /// <summary>Looks at two domains.</summary>
    /// <param name="source">
    /// Labeled source rows <c>[n, d]</c>, classes, without weights; at least as many as folds.
    /// </param>
    /// <param name="target">Target rows <c>[m, d]</c>, at least as many as folds.</param>
    /// <returns>The report.</returns>
    /// <exception cref="ArgumentException">Labels are values, there are weights, or shapes do not match.</exception>
    public ShiftReport Of(LabeledDomain source, UnlabeledDomain target)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        Guard.Pair(source.Inputs, target.Inputs, sourceName: nameof(source), targetName: nameof(target));
        TheoryChecks.Classes(source, nameof(source));
        Guard.Options(this);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (s, t) = (source.Inputs, target.Inputs);
        var variation = new TotalVariation
        {
            Classifier = Classifier,
            Folds = Folds,
            Confidence = Confidence,
            Seed = Seed,
        };
        return new ShiftReport
        {
            Inputs = variation.LowerBound(s, t),
            InputPValue = PValue(Drawn(s, new RandomKey(Seed).Child(2)), Drawn(t, new RandomKey(Seed).Child(3))),
            Features = Features(variation.PerFeature(s, t), s.to(float64), t.to(float64)),
            FeatureNoise = TotalVariation.Noise(variation.Bins, source.Count, target.Count),
            Classes = Classes(source, target),
            Overlap = Overlap(s, t),
            Confidence = Confidence,
            LeastShift = LeastShift,
            LeastOverlap = LeastOverlap,
        };
    }

    // By held-out probabilities: those of rows that were fitted can all be 0 or 1.
    private double Overlap(Tensor source, Tensor target)
    {
        var domains = CrossFit.Domains(source, target);
        var none = new UnlabeledDomain(target.narrow(0, 0, 1));
        var (held, _) = HeldOutProbabilities.Of(Classifier, domains, none, Folds, FitContext.Seeded(Seed));
        // No share of so many rows is told from 0 or 1 by less than one row.
        var n = source.shape[0];
        var ofSource = held.narrow(0, 0, n).clamp_min(1.0 / (n + target.shape[0]));
        return EffectiveSampleSize.Of(ofSource.select(1, 1) / ofSource.select(1, 0)) / n;
    }

    private IReadOnlyList<FeatureShift> Features(IReadOnlyList<double> variations, Tensor source, Tensor target)
    {
        var spread = ((Variance(source) + Variance(target)) / 2).sqrt();
        var means = target.mean([0L]) - source.mean([0L]);
        var varies = Varies(source).logical_or(Varies(target));
        var steps = where(varies.logical_and(spread > 0), means / spread.clamp_min(1e-300), zeros_like(means));
        var differences = steps.cpu().data<double>().ToArray();
        return
        [
            .. variations
                .Select((variation, i) => new FeatureShift(i, variation, differences[i]))
                .OrderByDescending(feature => feature.TotalVariation)
                .ThenByDescending(feature => Math.Abs(feature.MeanDifference))
                .Take(MaxFeatures),
        ];
    }

    // Of a constant the mean, and with it the variance, may be off by rounding.
    private static Tensor Varies(Tensor rows) => rows.amax([0L]).ne(rows.amin([0L]));

    private static Tensor Variance(Tensor rows) => (rows - rows.mean([0L], keepdim: true)).square().mean([0L]);

    private IReadOnlyList<ClassShift> Classes(LabeledDomain source, UnlabeledDomain target)
    {
        var context = FitContext.Seeded(Seed);
        var (held, seen) = HeldOutProbabilities.Of(Classifier, source, target, Folds, context);
        var priors = HeldOutProbabilities.Priors(source);
        var likelihood = Numbers(new MaximumLikelihoodLabelShift().ClassWeights(seen, priors, context) * priors);
        var blackBox = BlackBox(held, source.Labels, seen, priors);
        var shares = Numbers(priors);
        var (ofSource, ofTarget) = (held.argmax(1), seen.argmax(1));
        var key = new RandomKey(Seed).Child(1);
        var drawn = Enumerable
            .Range(0, shares.Length)
            .Select(c =>
                (
                    Source: Drawn(Some(source.Inputs, ofSource.eq(c)), key.Child(2 * c)),
                    Target: Drawn(Some(target.Inputs, ofTarget.eq(c)), key.Child((2 * c) + 1))
                )
            )
            .ToList();
        var least = LeastPermutations(drawn.Count(rows => AreEnough(rows.Source, rows.Target)));
        return
        [
            .. drawn.Select(
                (rows, c) =>
                {
                    var (s, t) = rows;
                    var p = AreEnough(s, t) ? PValue(s, t, least) : double.NaN;
                    return new ClassShift(c, shares[c], blackBox[c], likelihood[c], s.shape[0], t.shape[0], p);
                }
            ),
        ];
    }

    private static bool AreEnough(Tensor source, Tensor target) =>
        Math.Min(source.shape[0], target.shape[0]) >= FewestOfAClass;

    // Of so many tests together a p-value must be small, and of few permutations none is.
    private int LeastPermutations(int tests) => (int)Math.Min(int.MaxValue, Math.Ceiling(tests / (1 - Confidence)));

    private static double[] BlackBox(Tensor held, Tensor labels, Tensor seen, Tensor priors)
    {
        try
        {
            var shares = new BlackBoxShiftEstimation().ClassWeights(held, labels, seen) * priors;
            return Numbers(shares / shares.sum()); // negative shares were cut at 0
        }
        catch (ArgumentException)
        {
            return [.. Enumerable.Repeat(double.NaN, (int)priors.shape[0])];
        }
    }

    private double PValue(Tensor source, Tensor target, int least = 0)
    {
        var test = Test with { Seed = Seed, Permutations = Math.Max(least, Test.Permutations) };
        return test.Of(source, target).PValue;
    }

    private static Tensor Some(Tensor rows, Tensor isOfClass) => rows.index_select(0, isOfClass.nonzero().squeeze(1));

    private Tensor Drawn(Tensor rows, RandomKey key)
    {
        using var generator = key.Generator();
        var order = randperm(rows.shape[0], generator: generator).narrow(0, 0, Math.Min(MaxRows, rows.shape[0]));
        return rows.index_select(0, order.to(rows.device));
    }

    private static double[] Numbers(Tensor values) => values.to(float64).cpu().data<double>().ToArray();
}
