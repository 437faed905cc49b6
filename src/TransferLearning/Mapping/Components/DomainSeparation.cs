using TransferLearning.Internal;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// How far the domains stand apart against how far their classes do, by the A-distance of a logistic regression on its
/// own rows.
/// </summary>
internal sealed class DomainSeparation
{
    private static readonly LogisticRegression Learner = new() { Tolerance = 1e-4, MaxSteps = 100 };

    private readonly Tensor rows;
    private readonly Tensor domain; // 0 for source rows, 1 for target rows
    private readonly long sources;
    private readonly double ofDomains;

    /// <param name="rows">The rows of both domains in float64, the source's first.</param>
    /// <param name="sources">How many are the source's.</param>
    public DomainSeparation(Tensor rows, long sources)
    {
        // Rows of few dimensions in many features are turned onto their axes: the classifier does not change, its cost
        // does.
        var (spread, axes) = linalg.eigh(rows.t().matmul(rows));
        var kept = (spread > 1e-12 * spread.max()).nonzero().reshape(-1);
        this.rows = rows.matmul(axes.index_select(1, kept));
        this.sources = sources;
        domain = arange(rows.shape[0], dtype: int64, device: rows.device).ge(sources).to(int64);
        ofDomains = Distance(this.rows, domain);
    }

    /// <summary>The share of the classes' distance in both, <c>a_c / (a_m + a_c)</c>; 1/2 where both are 0.</summary>
    /// <param name="sourceClasses">One-hot <c>[n, C]</c>.</param>
    /// <param name="targetClasses">One-hot <c>[m, C]</c>.</param>
    public double Balance(Tensor sourceClasses, Tensor targetClasses)
    {
        using var scope = NewDisposeScope();
        var classes = cat([sourceClasses, targetClasses]);
        var distances = new List<double>();
        for (var c = 0; c < classes.shape[1]; c++)
        {
            Canceling.Check();
            var some = classes.select(1, c).nonzero().reshape(-1);
            var inTarget = some.ge(sources).sum().item<long>();
            if (inTarget > 0 && inTarget < some.shape[0])
            {
                distances.Add(Distance(rows.index_select(0, some), domain.index_select(0, some)));
            }
        }
        var ofClasses = distances.Count == 0 ? 0 : distances.Average();
        return ofClasses + ofDomains == 0 ? 0.5 : ofClasses / (ofClasses + ofDomains);
    }

    // Not below 0, by the rows that the classifier is fitted to.
    private static double Distance(Tensor some, Tensor domain)
    {
        using var scope = NewDisposeScope();
        var data = new LabeledDomain(some, domain, space: LabelSpace.Classes(2));
        return Math.Max(0, DomainClassification.Distance(DomainClassification.Error(Learner, data, some, domain)));
    }
}
