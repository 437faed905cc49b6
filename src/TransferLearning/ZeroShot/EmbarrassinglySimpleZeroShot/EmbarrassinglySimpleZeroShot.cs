using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.ZeroShot;

/// <summary>ESZSL: a bilinear score of features and descriptions in closed form.</summary>
/// <remarks>
/// <c>score(x, c) = x W s_c'</c> with <c>W = (X' D X + g I)^(-1) X' D Y S (S' S + l I)^(-1)</c>: rows X <c>[n, d]</c>,
/// descriptions S <c>[z, a]</c> of the seen classes, D the example weights of mean 1, and Y 1 where a row is of a class
/// and -1 elsewhere, or 0 elsewhere (Romera-Paredes and Torr 2015, "An Embarrassingly Simple Approach to Zero-shot
/// Learning", equation 6). Solved in float64, in the smaller of the spaces of features and rows.
/// </remarks>
/// <param name="Descriptions">What is known of the classes.</param>
public sealed record EmbarrassinglySimpleZeroShot(ClassDescriptions Descriptions) : IZeroShotLearner
{
    /// <inheritdoc />
    public ClassDescriptions Descriptions { get; } =
        Descriptions ?? throw new ArgumentNullException(nameof(Descriptions));

    /// <summary>
    /// What is taken off the scores of seen classes, not negative; infinity leaves only unseen classes. Default
    /// infinity.
    /// </summary>
    [OptionRange(AtLeast = 0, AllowsInfinity = true)]
    public double SeenPenalty { get; init; } = double.PositiveInfinity;

    /// <summary>
    /// The ridge g on features, positive. Default 1; the authors choose from 10^-3 to 10^3 by held-out classes.
    /// </summary>
    [OptionRange(Above = 0)]
    public double FeatureRidge { get; init; } = 1;

    /// <summary>The ridge l on descriptions, positive. Default 1; chosen likewise.</summary>
    [OptionRange(Above = 0)]
    public double DescriptionRidge { get; init; } = 1;

    /// <summary>
    /// Whether a row that is not of a class has the target 0 there instead of the paper's -1. Default false.
    /// </summary>
    public bool HasZeroTargets { get; init; }

    /// <inheritdoc />
    public ILabelPredictor Fit(LabeledDomain data)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var rows = SemanticRows.Of(this, data);
        var root = rows.Weights.sqrt().unsqueeze(1);
        var y = nn.functional.one_hot(rows.Labels, rows.SeenClasses.shape[0]).to(float64);
        var targets = HasZeroTargets ? y : (y * 2) - 1;
        var w = Solve(rows.Rows * root, targets * root, rows.SeenVectors, FeatureRidge, DescriptionRidge);
        return rows.Predictor(new SemanticMap(w), ClassComparison.Product);
    }

    /// <summary>The matrix of the bilinear score.</summary>
    /// <param name="rows">Rows X <c>[n, d]</c>.</param>
    /// <param name="targets">Targets Y <c>[n, z]</c>.</param>
    /// <param name="descriptions">Descriptions S of the seen classes <c>[z, a]</c>.</param>
    /// <param name="featureRidge">The ridge g.</param>
    /// <param name="descriptionRidge">The ridge l.</param>
    /// <returns>W <c>[d, a]</c> in the rows' dtype; the caller disposes it.</returns>
    public static Tensor Solve(
        Tensor rows,
        Tensor targets,
        Tensor descriptions,
        double featureRidge = 1,
        double descriptionRidge = 1
    )
    {
        Guard.Rows(rows);
        Guard.Rows(targets);
        Guard.Rows(descriptions);
        Guard.Positive(featureRidge);
        Guard.Positive(descriptionRidge);
        if (targets.shape[0] != rows.shape[0] || targets.shape[1] != descriptions.shape[0])
        {
            throw new ArgumentException(
                $"targets must be [{rows.shape[0]}, {descriptions.shape[0]}], a row for each row and "
                    + $"a column for each description; got {Shape.Of(targets)}.",
                nameof(targets)
            );
        }
        using var scope = NewDisposeScope();
        var (x, y, s) = (rows.to(float64), targets.to(float64), descriptions.to(float64));
        var isWide = x.shape[0] < x.shape[1];
        var gram = isWide ? x.matmul(x.t()) : x.t().matmul(x);
        gram.diagonal().add_(featureRidge);
        var factor = linalg.cholesky(gram);
        var ofFeatures = isWide ? x.t().matmul(y.cholesky_solve(factor)) : x.t().matmul(y).cholesky_solve(factor);
        var ofDescriptions = s.t().matmul(s);
        ofDescriptions.diagonal().add_(descriptionRidge);
        return s.t()
            .matmul(ofFeatures.t())
            .cholesky_solve(linalg.cholesky(ofDescriptions))
            .t()
            .to(rows.dtype)
            .MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public IZeroShotLearner WithSeenPenalty(double penalty) => this with { SeenPenalty = penalty };

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => SemanticRows.Faults(this, plan);
}
