using TransferLearning.Internal;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>SCL: features that mean the same in both domains tell which others do, too.</summary>
/// <remarks>
/// <para>
/// Pivots are features that at least <see cref="MinRows"/> rows of each domain hold (<c>x > 0</c>); of these, the ones
/// of most mutual information with the source's classes, in nats, or, for labels that are values or on wish, the most
/// frequent ones (by the domain that holds them more rarely). For each pivot a ridge regression predicts from the other
/// features, over the rows of both domains, whether a row holds it. The leading k left singular vectors of the
/// regressions' weights <c>[d, pivots]</c>, negative ones set to 0, are theta, and rows map to
/// <c>[x, s (x theta - mean)]</c> (Blitzer, McDonald and Pereira 2006, "Domain Adaptation with Structural
/// Correspondence Learning"; Blitzer, Dredze and Pereira 2007, "Biographies, Bollywood, Boom-boxes and Blenders", for
/// the choice by mutual information).
/// </para>
/// <para>
/// The papers fit the modified Huber loss; ridge regression shares one factorization among all pivots. Weights above 0
/// alone, features that go with a pivot, are kept as in Ando and Zhang 2005, on whose structural learning the method
/// rests. s gives the new part a root mean squared length of <see cref="Scale"/> times that of x. Costs
/// <c>n d^2 + d^3/3 + d^2 pivots</c> operations and d^2 memory; with fewer rows than features <c>n^2 d + n^3/3</c> and
/// n^2.
/// </para>
/// </remarks>
public sealed record StructuralCorrespondenceLearning : IFeatureMapping
{
    /// <summary>
    /// How many pivots, at most half of the features; fewer where fewer are frequent enough. Null takes 100 or half of
    /// the features. Default null.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int? Pivots { get; init; }

    /// <summary>How many rows of each domain hold a pivot at least, at least 1. Default 10.</summary>
    [OptionRange(AtLeast = 1)]
    public int MinRows { get; init; } = 10;

    /// <summary>
    /// How many new features k, at most the pivots; null takes 50 or as many as there are pivots. Default null.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int? Components { get; init; }

    /// <summary>The penalty of the pivots' regressions, positive. Default 10.</summary>
    [OptionRange(Above = 0)]
    public double Penalty { get; init; } = 10;

    /// <summary>
    /// Whether the penalty is measured in the variance of the features beside the pivots. Default: it is.
    /// </summary>
    public PenaltyScale PenaltyScale { get; init; }

    /// <summary>How long the new part is against the old one, positive. Default 0.5.</summary>
    [OptionRange(Above = 0)]
    public double Scale { get; init; } = 0.5;

    /// <summary>Whether pivots are chosen by frequency alone, without the source's classes. Default false.</summary>
    public bool ChoosesByFrequency { get; init; }

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        return Fit(domains.PooledSources(), domains.Target.Inputs);
    }

    /// <summary>Fits the map.</summary>
    /// <param name="source">Labeled source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <returns>The map <c>[., d]</c> to <c>[., d + k]</c>; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">No feature is frequent enough in both domains.</exception>
    public CorrespondingFeatures Fit(LabeledDomain source, Tensor target)
    {
        Check(source, target);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var d = target.shape[1];
        var pivots = PivotFeatures.Choose(
            source,
            target,
            (Pivots ?? UsualPivots(d))!.Value,
            MinRows,
            ChoosesByFrequency || !source.Space.IsClasses
        );
        var count = Math.Min(Components ?? 50, pivots.shape[0]);
        var rows = cat([source.Inputs, target]).to(float64);
        var others = PivotFeatures.Others(pivots, d);
        var rest = rows.index_select(1, others);
        var held = rows.index_select(1, pivots).gt(0).to(float64);
        using var predictor = (LinearPredictor)
            new RidgeRegression(Penalty) { PenaltyScale = PenaltyScale }.Fit(new LabeledDomain(rest, held));
        var (u, _, _) = linalg.svd(predictor.Weight.clamp_min(0), fullMatrices: false);
        var theta = u.narrow(1, 0, count);
        theta *= theta.gather(0, theta.abs().argmax(0, keepdim: true)).sign();
        var directions = zeros([d, count], float64, rows.device).index_copy_(0, others, theta);
        return CorrespondingFeatures.Of(rows, directions, Scale, pivots);
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => Limit.Faults(Limits(plan.Width));

    private Limit[] Limits(long? d) =>
        [
            new(nameof(Pivots), Pivots, d / 2, "half of the features"),
            new(nameof(Components), Components, Pivots ?? UsualPivots(d), "the number of pivots"),
        ];

    private static long? UsualPivots(long? d) => d is { } width ? Math.Min(100, width / 2) : null;

    private void Check(LabeledDomain source, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(source);
        Guard.Pair(source.Inputs, target, sourceName: nameof(source), targetName: nameof(target));
        Guard.Options(this);
        var d = target.shape[1];
        if (d < 2)
        {
            throw new ArgumentException("target must have features besides pivots, at least 2.", nameof(target));
        }
        Limit.Keep(Limits(d));
    }
}
