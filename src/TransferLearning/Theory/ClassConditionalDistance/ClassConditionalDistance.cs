using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Theory;

/// <summary>A distance of domains class by class: the mean over classes, and the table of the classes.</summary>
/// <remarks>
/// <para>
/// <c>1/C sum_c D(S given y = c, T given y = c)</c> over the classes that both domains have rows of. Where the rows of
/// each class are alike and only the classes' shares differ, it is near 0 and the distance of all rows is not; where
/// classes have changed places, the distance of all rows may be near 0 and this is not. It is what class-wise methods
/// lower (Long, Wang, Ding, Sun and Yu 2013, "Transfer Feature Learning with Joint Distribution Adaptation", equation
/// 6, for the mean embeddings).
/// </para>
/// <para>
/// The target's classes are those that it is given with: true labels, or what a model reads, whose errors move rows
/// from one class's table line to another's. What chance alone makes of a distance grows as the rows of a class become
/// fewer, for distances that cannot be negative: compare classes of about one size.
/// </para>
/// </remarks>
/// <param name="discrepancy">
/// The distance: any discrepancy, <c>WassersteinDistance</c>, <c>EnergyDistance</c> or <c>MaximumMeanDiscrepancy</c>
/// for instance. For distances that are none see <see cref="By"/>.
/// </param>
public sealed class ClassConditionalDistance(IDiscrepancy discrepancy)
{
    private readonly IDiscrepancy discrepancy = discrepancy ?? throw new ArgumentNullException(nameof(discrepancy));

    /// <summary>
    /// The fewest rows that a class must have in each domain to be measured, at least 1. Default 2.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int LeastRows { get; init; } = 2;

    /// <summary>Measures class by class.</summary>
    /// <param name="source">Labeled source rows <c>[n, d]</c>, classes, without weights.</param>
    /// <param name="target">Target rows <c>[m, d]</c> with classes, true or read by a model.</param>
    /// <returns>The report.</returns>
    /// <exception cref="ArgumentException">
    /// Labels are values or of different classes, there are weights, shapes do not match, or no class has enough rows
    /// in both domains.
    /// </exception>
    public ClassConditionalReport Of(LabeledDomain source, LabeledDomain target)
    {
        Guard.Options(this);
        return By(
            source,
            target,
            (some, other) =>
            {
                using var gap = discrepancy.Between(some, other);
                return gap.to(float64).item<double>();
            },
            LeastRows
        );
    }

    /// <summary>The same by any function of two samples, <c>ProxyADistance.Between</c> for instance.</summary>
    /// <param name="source">Labeled source rows <c>[n, d]</c>, classes, without weights.</param>
    /// <param name="target">Target rows <c>[m, d]</c> with classes, true or read by a model.</param>
    /// <param name="between">The distance of source rows <c>[n_c, d]</c> and target rows <c>[m_c, d]</c>.</param>
    /// <param name="leastRows">
    /// The fewest rows that a class must have in each domain to be measured, at least 1.
    /// </param>
    /// <returns>The report.</returns>
    /// <exception cref="ArgumentException">As for <see cref="Of"/>, or the distance is NaN.</exception>
    public static ClassConditionalReport By(
        LabeledDomain source,
        LabeledDomain target,
        Func<Tensor, Tensor, double> between,
        int leastRows = 2
    )
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(between);
        ArgumentOutOfRangeException.ThrowIfLessThan(leastRows, 1);
        TheoryChecks.Classes(source, nameof(source));
        TheoryChecks.Alike(source, target, nameof(source), nameof(target));
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var numbers = Enumerable.Range(0, (int)source.Space.Width).ToList();
        var rows = numbers.ConvertAll(it => (OfSource: Rows(source, it), OfTarget: Rows(target, it)));
        if (!rows.Exists(it => IsEnough(it.OfSource, it.OfTarget)))
        {
            throw new ArgumentException(
                $"source and target must have at least {leastRows} row(s) each of one class at least; no class has.",
                nameof(target)
            );
        }
        var classes = new List<ClassDistance>();
        foreach (var (number, (ofSource, ofTarget)) in numbers.Zip(rows))
        {
            Canceling.Check();
            using var turn = NewDisposeScope();
            classes.Add(
                new ClassDistance(
                    number,
                    ofSource.shape[0],
                    ofTarget.shape[0],
                    IsEnough(ofSource, ofTarget)
                        ? Told(
                            between(source.Inputs.index_select(0, ofSource), target.Inputs.index_select(0, ofTarget)),
                            $"the rows of class {number}"
                        )
                        : double.NaN
                )
            );
        }
        return new ClassConditionalReport
        {
            Classes = classes,
            Whole = Told(between(source.Inputs, target.Inputs), "all rows"),
            Names = source.Space.Names,
        };

        static double Told(double distance, string rows) =>
            double.IsNaN(distance)
                ? throw new ArgumentException($"between must give a number; it gave NaN for {rows}.", nameof(between))
                : distance;

        bool IsEnough(Tensor some, Tensor other) => some.shape[0] >= leastRows && other.shape[0] >= leastRows;
    }

    private static Tensor Rows(LabeledDomain domain, int number) => domain.Labels.eq(number).nonzero().squeeze(1);
}
