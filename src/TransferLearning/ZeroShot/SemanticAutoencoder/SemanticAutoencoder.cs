using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.ZeroShot;

/// <summary>
/// SAE: a linear encoder into the descriptions' space whose transpose decodes the descriptions back into features.
/// </summary>
/// <remarks>
/// <para>
/// Minimizes <c>sum_i w_i (|x_i - s_i W|^2 + balance |x_i W' - s_i|^2)</c> for the description s of each row's class,
/// which is solved by <c>A W + W B = C</c> with <c>A = S' D S</c>, <c>B = balance X' D X</c> and
/// <c>C = (1 + balance) S' D X</c> (Kodirov, Xiang and Gong 2017, "Semantic Autoencoder for Zero-Shot Learning",
/// equation 6): by the eigenvectors of A and B, <c>d^3 + a^3</c> operations. A class is scored by the cosine of
/// <c>x W'</c> and its description, or of x and its decoded description.
/// </para>
/// <para>
/// The transpose ties the units of features and descriptions: both are divided by the root of their mean squared
/// length, so that the balance means the same in any unit. The authors' programs prepare features and compare rows in
/// another way for each data set; the method's page names them.
/// </para>
/// </remarks>
/// <param name="Descriptions">What is known of the classes.</param>
public sealed record SemanticAutoencoder(ClassDescriptions Descriptions) : IZeroShotLearner
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
    /// How much encoding counts beside decoding, positive. Default 1; the authors choose one for each data set.
    /// </summary>
    [OptionRange(Above = 0)]
    public double Balance { get; init; } = 1;

    /// <summary>
    /// Whether classes are compared among the features, by their decoded descriptions, and not among the descriptions.
    /// Default false.
    /// </summary>
    public bool ComparesFeatures { get; init; }

    /// <summary>
    /// Whether features and descriptions are divided by the root of their mean squared length. Default: they are.
    /// </summary>
    public PenaltyScale PenaltyScale { get; init; }

    /// <inheritdoc />
    public ILabelPredictor Fit(LabeledDomain data)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var rows = SemanticRows.Of(this, data);
        var root = rows.Weights.sqrt().unsqueeze(1);
        var (x, s) = (rows.Rows * root, rows.SeenVectors.index_select(0, rows.Labels) * root);
        var (ofX, ofS) =
            PenaltyScale == PenaltyScale.Relative ? (Length(x), Length(s)) : (ones(1, float64), ones(1, float64));
        var w = Solve(x / ofX.to(x.device), s / ofS.to(x.device), Balance);
        return ComparesFeatures
            ? rows.Predictor(null, ClassComparison.Cosine, rows.Vectors.matmul(w))
            : rows.Predictor(new SemanticMap(w.t()), ClassComparison.Cosine);
    }

    /// <summary>The decoder of least error.</summary>
    /// <param name="rows">Rows X <c>[n, d]</c>.</param>
    /// <param name="descriptions">The description S of each row's class <c>[n, a]</c>.</param>
    /// <param name="balance">How much encoding counts beside decoding.</param>
    /// <returns>W <c>[a, d]</c>: <c>s W</c> decodes and <c>x W'</c> encodes; the caller disposes it.</returns>
    public static Tensor Solve(Tensor rows, Tensor descriptions, double balance = 1)
    {
        Guard.Rows(rows);
        Guard.Rows(descriptions);
        Guard.Positive(balance);
        if (descriptions.shape[0] != rows.shape[0])
        {
            throw new ArgumentException(
                $"descriptions must have a row for each of the {rows.shape[0]} rows; got {Shape.Of(descriptions)}.",
                nameof(descriptions)
            );
        }
        using var scope = NewDisposeScope();
        var (x, s) = (rows.to(float64), descriptions.to(float64));
        var (ofA, u) = linalg.eigh(s.t().matmul(s));
        var (ofB, v) = linalg.eigh(x.t().matmul(x) * balance);
        var turned = u.t().matmul(s.t().matmul(x)).matmul(v) * (1 + balance);
        var sums = ofA.clamp_min(0).unsqueeze(1) + ofB.clamp_min(0);
        // Where neither side varies the right side is 0, and so is the solution.
        var least = sums.amax() * 1e-14;
        var solved = where(sums.gt(least), turned / sums.maximum(least).clamp_min(1e-300), zeros_like(turned));
        return u.matmul(solved).matmul(v.t()).to(rows.dtype).MoveToOuterDisposeScope();
    }

    private static Tensor Length(Tensor rows) => rows.square().sum(1).mean().sqrt().clamp_min(1e-300).unsqueeze(0);

    /// <inheritdoc />
    public IZeroShotLearner WithSeenPenalty(double penalty) => this with { SeenPenalty = penalty };

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => SemanticRows.Faults(this, plan);
}
