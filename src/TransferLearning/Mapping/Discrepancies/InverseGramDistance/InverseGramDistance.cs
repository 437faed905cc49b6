using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// DARE-GRAM: how differently the inverse Gram matrices of the two batches point, and how far the largest singular
/// values of the Gram matrices lie apart; for regression.
/// </summary>
/// <remarks>
/// <para>
/// A linear regressor on features Z solves <c>(Z'Z) w = Z'y</c>, so the inverse of the Gram matrix is what domains must
/// share. With <c>Z = [1, F]</c>, <c>G = Z'Z</c> of size p = d + 1 and its singular values l in falling order:
/// <c>AngleWeight / p sum_j (1 - cos(G_s^+_j, G_t^+_j)) + ScaleWeight / k sqrt(sum_{i below k} (l_si - l_ti)^2)</c>,
/// j over the columns of the pseudo-inverses, which keep the singular values above the one at place k, counted from 0
/// (Nejjar, Wang and Fink 2023, "DARE-GRAM: Unsupervised Domain Adaptation Regression by Aligning Inverse Gram
/// Matrices", equations 7 to 10). k is the last place whose cumulative share of the sum of singular values is at most
/// <see cref="Threshold"/>, or at most the share of the first two where that is larger; of the two domains' places the
/// larger one. It is chosen without gradient.
/// </para>
/// <para>
/// As in the authors' program the pseudo-inverse is differentiated as that of a matrix of constant rank, so that
/// singular values that nearly coincide at the cut leave the slopes finite. Singular values below 1e-12 of the largest
/// are always cut; columns shorter than 1e-9 of the longest are nothing but rounding, and a feature that is 0 in both
/// batches adds nothing. Example weights have no place in it. Computed in float64. Needs batches of one size. Costs
/// n d^2 + d^3.
/// </para>
/// </remarks>
public sealed class InverseGramDistance : IDiscrepancy
{
    private const double RankTolerance = 1e-12;
    private const double LeastLength = 1e-9;

    /// <summary>
    /// The weight of the angles between the pseudo-inverses' columns, not negative. Default 0.05, the default of the
    /// authors' program; their published figures are of 0.01 to 0.5, chosen for each pair of domains.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double AngleWeight { get; init; } = 0.05;

    /// <summary>
    /// The weight of the distance between singular values, not negative. Default 0.001, the default of the authors'
    /// program; their published figures are of 0.00001 to 0.003.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double ScaleWeight { get; init; } = 0.001;

    /// <summary>
    /// The share of the sum of singular values up to which directions are kept, above 0 and below 1. Default 0.9, the
    /// default of the authors' program; their published figures are of 0.9 to 0.999.
    /// </summary>
    [OptionRange(Above = 0, Below = 1)]
    public double Threshold { get; init; } = 0.9;

    /// <inheritdoc />
    public Tensor Between(Tensor source, Tensor target)
    {
        Guard.Pair(source, target);
        Guard.Options(this);
        if (source.shape[0] != target.shape[0])
        {
            throw new ArgumentException(
                "source and target must have as many rows as each other, because Gram matrices grow with the rows; got "
                    + $"{Shape.Of(source)} and {Shape.Of(target)}.",
                nameof(target)
            );
        }
        using var scope = NewDisposeScope();
        var (ofSource, ofTarget) = (Spectrum.Of(source), Spectrum.Of(target));
        var place = ofSource.Place(Threshold).maximum(ofTarget.Place(Threshold));
        var angles = Angles(ofSource.Inverse(place), ofTarget.Inverse(place)).mean();
        var isAbove = arange(ofSource.Values.shape[0], device: source.device).lt(place);
        var apart = where(isAbove, ofSource.Values - ofTarget.Values, zeros_like(ofSource.Values));
        var scales = (apart.square().sum().clamp_min(1e-24).sqrt() / place).reshape([]);
        return ((angles * AngleWeight) + (scales * ScaleWeight)).to(source.dtype).MoveToOuterDisposeScope();
    }

    // 1 - cos for each column; 0 where both columns vanish, 1 where one does.
    private static Tensor Angles(Tensor source, Tensor target)
    {
        var (isSource, s) = Unit(source);
        var (isTarget, t) = Unit(target);
        return where(isSource.logical_or(isTarget), 1 - (s * t).sum([0L]), zeros_like(s[0]));
    }

    private static (Tensor IsThere, Tensor Columns) Unit(Tensor inverse)
    {
        var squares = inverse.square().sum([0L]);
        var constant = squares.detach();
        var isThere = constant > constant.max() * (LeastLength * LeastLength);
        return (isThere, inverse * where(isThere, squares, ones_like(squares)).rsqrt() * isThere);
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.EqualBatches();

    /// <summary>The singular values and vectors of the Gram matrix of one batch.</summary>
    /// <param name="Values">The values in falling order <c>[p]</c>, with their derivative.</param>
    /// <param name="Vectors">The vectors as columns <c>[p, p]</c>, without.</param>
    /// <param name="Move">The Gram matrix less itself: 0, with its derivative.</param>
    private sealed record Spectrum(Tensor Values, Tensor Vectors, Tensor Move)
    {
        public static Spectrum Of(Tensor rows)
        {
            var wide = rows.to(float64);
            var z = cat([ones(wide.shape[0], 1, float64, wide.device), wide], 1);
            var gram = z.t().matmul(z);
            var constant = gram.detach();
            Tensor values,
                vectors;
            using (no_grad())
            {
                var (rising, columns) = linalg.eigh(constant);
                (values, vectors) = (rising.flip(0).clamp_min(0), columns.flip(1));
            }
            var move = gram - constant;
            return new Spectrum(values + (vectors * move.matmul(vectors)).sum([0L]), vectors, move);
        }

        /// <summary>
        /// The last place whose cumulative share is at most the threshold, or that of two, int64 <c>[1]</c>.
        /// </summary>
        public Tensor Place(double threshold)
        {
            var values = Values.detach();
            var shares = values.cumsum(0) / values.sum();
            return shares.le(shares.narrow(0, 1, 1).clamp_min(threshold)).sum().reshape(1) - 1;
        }

        /// <summary>The pseudo-inverse of the singular values above that at a place.</summary>
        public Tensor Inverse(Tensor place)
        {
            var values = Values.detach();
            var isKept = values.gt(values.index_select(0, place)).logical_and(values > values.max() * RankTolerance);
            var inverse = Turned(where(isKept, values.reciprocal(), zeros_like(values)));
            var square = Turned(where(isKept, values.square().reciprocal(), zeros_like(values)));
            var cut = Turned(isKept.logical_not().to(values.dtype));
            var across = square.matmul(Move).matmul(cut);
            return inverse - inverse.matmul(Move).matmul(inverse) + across + across.t();
        }

        private Tensor Turned(Tensor values) => (Vectors * values).matmul(Vectors.t());
    }
}
