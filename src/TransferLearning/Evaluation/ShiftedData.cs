using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Evaluation;

/// <summary>
/// Makes small domains whose shift is known and of one kind, for trying methods before real data does: each kind in
/// classes and in values.
/// </summary>
/// <remarks>
/// z are draws of the standard normal distribution, e such draws times <c>noise</c>. All tensors are float32 and
/// int64, and belong to the dispose scope that is open, if any; the same key gives the same rows. The kinds are those
/// of Moreno-Torres et al. 2012, "A Unifying View on Dataset Shift in Classification", and the turned subspace of
/// Fernando et al. 2013.
/// </remarks>
public static class ShiftedData
{
    /// <summary>Other rows occur, and a row's label follows in the same way (covariate shift).</summary>
    /// <remarks>
    /// <c>x = (z_1 -+ shift/2, z_2)</c>, minus in the source; values are <c>sin(1.5 x_1) + x_2 + e</c>, class 1 is
    /// where they are positive. Weighting helps: a line that is fitted to the source's rows is wrong for the target's.
    /// </remarks>
    /// <param name="key">The key of the draws.</param>
    /// <param name="rows">Rows of each domain, at least 2.</param>
    /// <param name="shift">How far the domains' centers lie apart, not negative.</param>
    /// <param name="noise">The standard deviation of e, not negative.</param>
    /// <param name="hasValues">Whether labels are values <c>[n]</c> and not two classes.</param>
    public static (LabeledDomain Source, LabeledDomain Target) Covariate(
        RandomKey key,
        long rows = 400,
        double shift = 2,
        double noise = 0.2,
        bool hasValues = false
    )
    {
        Check(rows, noise);
        Guard.NotNegative(shift);
        return Both(
            key,
            (generator, isTarget) =>
            {
                var z = randn([rows, 2], generator: generator);
                var x = z + tensor(new[] { (float)(isTarget ? shift / 2 : -shift / 2), 0 });
                var wave = (x.select(1, 0) * 1.5).sin() + x.select(1, 1);
                return (x, Label(wave + (randn(rows, generator: generator) * noise), hasValues));
            }
        );
    }

    /// <summary>Other labels occur, and rows of a label look the same (label shift, target shift).</summary>
    /// <remarks>
    /// Class 1 has the share 1/2 in the source and <c>share</c> in the target; its rows lie around (1, 1), those of
    /// class 0 around (-1, -1), all with standard deviation 1. Values are <c>u^a</c> over uniform u, a = 1 in the
    /// source and <c>(1 - share) / share</c> in the target, which has the mean <c>share</c>; rows are <c>(4 y - 2 +
    /// z_1, 2 (2 y - 1)^2 + z_2)</c>, times <c>noise</c> before each z.
    /// </remarks>
    /// <param name="key">The key of the draws.</param>
    /// <param name="rows">Rows of each domain, at least 2.</param>
    /// <param name="share">The target's share of class 1, or its mean value, above 0 and below 1.</param>
    /// <param name="noise">The factor of z for values, not negative; classes have 1.</param>
    /// <param name="hasValues">Whether labels are values <c>[n]</c> and not two classes.</param>
    public static (LabeledDomain Source, LabeledDomain Target) Label(
        RandomKey key,
        long rows = 400,
        double share = 0.9,
        double noise = 0.2,
        bool hasValues = false
    )
    {
        Check(rows, noise);
        Guard.Positive(share);
        Guard.InRange(share, 0, 1);
        return Both(
            key,
            (generator, isTarget) =>
            {
                var own = isTarget ? share : 0.5;
                var u = rand(rows, generator: generator);
                var z = randn([rows, 2], generator: generator);
                if (!hasValues)
                {
                    var classes = u.lt(own).to(int64);
                    return (z + ((classes * 2) - 1).to(float32).unsqueeze(1), classes);
                }
                var y = u.pow((1 - own) / own);
                return (stack([(y * 4) - 2, ((y * 2) - 1).square() * 2], 1) + (z * noise), y);
            }
        );
    }

    /// <summary>The same rows occur, and their labels follow in another way (concept shift).</summary>
    /// <remarks>
    /// <c>x = (z_1, z_2)</c>; values are <c>x_1 cos(a) + x_2 sin(a) + e</c>, a = 0 in the source and <c>angle</c> in
    /// the target, class 1 is where they are positive. Without target labels nothing tells: rows are alike.
    /// </remarks>
    /// <param name="key">The key of the draws.</param>
    /// <param name="rows">Rows of each domain, at least 2.</param>
    /// <param name="angle">How far the direction that decides has turned, in radians.</param>
    /// <param name="noise">The standard deviation of e, not negative.</param>
    /// <param name="hasValues">Whether labels are values <c>[n]</c> and not two classes.</param>
    public static (LabeledDomain Source, LabeledDomain Target) Concept(
        RandomKey key,
        long rows = 400,
        double angle = 0.8,
        double noise = 0.2,
        bool hasValues = false
    )
    {
        Check(rows, noise);
        Guard.Finite(angle);
        return Both(
            key,
            (generator, isTarget) =>
            {
                var a = isTarget ? angle : 0;
                var x = randn([rows, 2], generator: generator);
                var along = (x.select(1, 0) * Math.Cos(a)) + (x.select(1, 1) * Math.Sin(a));
                return (x, Label(along + (randn(rows, generator: generator) * noise), hasValues));
            }
        );
    }

    /// <summary>The same rows occur in another plane of the space (subspace shift).</summary>
    /// <remarks>
    /// Rows of classes lie around the corners (-1.5, 0) and (1.5, 0), those of values are <c>(y, z_2)</c> for
    /// <c>y = 1.5 z_1</c>. The source puts both numbers into the first two of <c>features</c> columns; in the target
    /// the first number has turned by <c>angle</c> towards the third column and the second towards the fourth. Every
    /// column has e added.
    /// </remarks>
    /// <param name="key">The key of the draws.</param>
    /// <param name="rows">Rows of each domain, at least 2.</param>
    /// <param name="angle">How far the plane has turned, in radians.</param>
    /// <param name="features">The number of columns, at least 4.</param>
    /// <param name="noise">The standard deviation of e, not negative.</param>
    /// <param name="hasValues">Whether labels are values <c>[n]</c> and not two classes.</param>
    public static (LabeledDomain Source, LabeledDomain Target) Subspace(
        RandomKey key,
        long rows = 400,
        double angle = 1,
        int features = 4,
        double noise = 0.2,
        bool hasValues = false
    )
    {
        Check(rows, noise);
        Guard.Finite(angle);
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 4);
        return Both(
            key,
            (generator, isTarget) =>
            {
                var a = isTarget ? angle : 0;
                var z = randn([rows, 2], generator: generator);
                var classes = rand(rows, generator: generator).lt(0.5).to(int64);
                var first = hasValues
                    ? z.select(1, 0) * 1.5
                    : ((classes * 3).to(float32) - 1.5) + (z.select(1, 0) * 0.5);
                var plane = stack([first, z.select(1, 1)], 1);
                var x = cat([plane * Math.Cos(a), plane * Math.Sin(a), zeros(rows, features - 4)], 1);
                return (x + (randn([rows, features], generator: generator) * noise), hasValues ? first : classes);
            }
        );
    }

    private static (LabeledDomain Source, LabeledDomain Target) Both(
        RandomKey key,
        Func<Generator, bool, (Tensor Inputs, Tensor Labels)> make
    )
    {
        LabeledDomain One(bool isTarget)
        {
            using var scope = NewDisposeScope();
            using var generator = key.Child(isTarget ? 1 : 0).Generator();
            var (inputs, labels) = make(generator, isTarget);
            return new LabeledDomain(
                inputs.MoveToOuterDisposeScope(),
                labels.MoveToOuterDisposeScope(),
                space: labels.is_floating_point() ? LabelSpace.Values(1) : LabelSpace.Classes(2)
            );
        }
        return (One(isTarget: false), One(isTarget: true));
    }

    private static Tensor Label(Tensor values, bool hasValues) => hasValues ? values : values.gt(0).to(int64);

    private static void Check(long rows, double noise)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 2);
        Guard.NotNegative(noise);
    }
}
