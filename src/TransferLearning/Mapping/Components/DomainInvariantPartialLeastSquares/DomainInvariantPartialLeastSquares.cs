using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Kernels;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>di-PLS: latent variables that go with the source's labels and vary alike in both domains.</summary>
/// <remarks>
/// <para>
/// Source rows X and target rows T are centered, each domain by its own mean, labels Y (values, or one-hot classes)
/// too. In each round the direction w is, up to its length, <c>(u'u I + lambda D)^(-1) X'u</c>, which minimizes
/// <c>||X - u w'||^2 + lambda w'Dw</c>, where D has the eigenvectors and the absolute eigenvalues of
/// <c>X'X / n - T'T / m</c>, a bound on the gap of the projections' variances; then <c>t = X w</c> is taken out of X
/// and Y, and <c>T w</c> out of T, by least squares. Scores are <c>(x - mean) W (P'W)^(-1)</c> with each domain's own
/// mean and loadings P (Nikzad-Langerodi, Zellinger, Lughofer and Saminger-Platz 2018, "Domain-Invariant
/// Partial-Least-Squares Regression"; with the bound D, Nikzad-Langerodi, Zellinger, Saminger-Platz and Moser 2020,
/// "Domain Adaptation for Regression under Beer-Lambert's Law"). The source's scores are uncorrelated, so a ridge
/// regression of penalty 0 on them is the paper's regression.
/// </para>
/// <para>
/// The paper has one response, u = y. For several, u is the combination of them that goes most with X, the leading
/// right singular vector of <c>X'Y</c>, as ordinary partial least squares takes it. Only <c>X'X</c>, <c>X'Y</c>,
/// <c>Y'Y</c> and <c>T'T</c> enter: <c>(n + m) d^2 + k d^3</c> operations, d^2 memory beside the rows. Weights of rows
/// are not used.
/// </para>
/// </remarks>
public sealed record DomainInvariantPartialLeastSquares : IFeatureMapping
{
    /// <summary>
    /// How many latent variables k, at most d and below the source's rows; null, the default, takes 10 or as many as
    /// there can be. Fewer come out where fewer explain all of the labels.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int? Components { get; init; }

    /// <summary>
    /// The weight lambda of the domains' gap, not negative; 0 is ordinary partial least squares. Null, the default,
    /// balances both terms in each round: <c>||X - u w'||^2 / w'Dw</c> at the ordinary direction w of length 1, as in
    /// the authors' program.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double? Penalty { get; init; }

    /// <summary>
    /// Whether rows are divided by their spread first, the root of their mean squared distance from their mean.
    /// Default: they are, and the penalty means the same in any unit.
    /// </summary>
    public PenaltyScale PenaltyScale { get; init; }

    /// <summary>
    /// Whether target rows are centered by their own mean and scored by their own loadings, as in the paper. False
    /// where the labels' mean differs between the domains: target rows then pass the source's map. Default true.
    /// </summary>
    public bool CentersTarget { get; init; } = true;

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        using var scope = NewDisposeScope();
        var (source, target) = Fit(domains.PooledSources(), domains.Target.Inputs, context);
        return new PerDomainExtractor(source, target);
    }

    /// <summary>Fits the two maps.</summary>
    /// <param name="source">Labeled source rows <c>[n, d]</c>, classes or values.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="context">Cancellation and progress; null for none.</param>
    /// <returns>The maps of source and of target rows to <c>[., k]</c>; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">No feature goes with the labels.</exception>
    public (AffineMap Source, AffineMap Target) Fit(LabeledDomain source, Tensor target, FitContext? context = null)
    {
        var most = Check(source, target);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var unit = RowUnit.Of(PenaltyScale, null, source.Inputs, target);
        var (x, y, t) = (source.Inputs.to(float64) / unit, LabelTargets.Of(source, float64), target.to(float64) / unit);
        var (sourceMean, targetMean) = (x.mean([0L], keepdim: true), t.mean([0L], keepdim: true));
        var rounds = new LatentVariables(x - sourceMean, y - y.mean([0L]), t - targetMean, Penalty);
        for (var k = 0; k < most; k++)
        {
            context?.Report((double)k / most);
            if (!rounds.Next())
            {
                break;
            }
        }
        AffineMap Scores(Tensor mean, Tensor rotation) => new(rotation / unit, mean.matmul(rotation).squeeze(0).neg());
        var ofSource = rounds.SourceRotation();
        return (
            Scores(sourceMean, ofSource),
            CentersTarget ? Scores(targetMean, rounds.TargetRotation()) : Scores(sourceMean, ofSource)
        );
    }

    private int Check(LabeledDomain source, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(source);
        Guard.Pair(source.Inputs, target, 2, nameof(source), nameof(target));
        Guard.Options(this);
        var most = (int)Math.Min(target.shape[1], source.Count - 1);
        Limit.Keep(Most(most));
        return Components ?? Math.Min(10, most);
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => Limit.Faults(Most(plan.SourceRows() - 1), Most(plan.Width));

    private Limit Most(long? most) =>
        new(nameof(Components), Components, most, "the width, and below the number of source rows");
}
