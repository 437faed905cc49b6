using MathNet.Numerics;
using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>
/// ClassAMI: whether the predicted classes are the groups that the target's features form by themselves.
/// </summary>
/// <remarks>
/// The adjusted mutual information of the predicted classes and of k-means clusters of the features, as many as
/// classes: <c>(I - E) / ((H_1 + H_2) / 2 - E)</c>, with the mutual information I, the entropies H, and the expectation
/// E of I over tables with the same sums (Vinh, Epps and Bailey 2010, "Information Theoretic Measures for Clusterings
/// Comparison"). 1 where they are the same, about 0 where they have nothing in common. As in what the published tables
/// call ClassAMI (Musgrave, Belongie and Lim 2022, "Three New Validators"), features are taken as they are, and k-means
/// starts once, at the means of the predicted classes; a class that is not predicted starts at 0, and a cluster without
/// rows takes the row that is farthest from its center. A model that predicts one class alone scores 0 here, where the
/// authors' code gives 1 if the clusters are one as well.
/// </remarks>
public sealed record ClusterAgreement : IModelScore
{
    /// <summary>
    /// The principal components that are clustered, where there are more features; null clusters the features. Default
    /// null.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int? Components { get; init; }

    /// <summary>
    /// The starts of k-means++, of which the best counts; null starts once, at the means of the predicted classes.
    /// Default null.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int? Starts { get; init; }

    /// <summary>The seed of <see cref="Starts"/>. Default 0.</summary>
    public long Seed { get; init; }

    /// <inheritdoc />
    public double Score(IFeatureExtractor extractor, ILabelPredictor predictor, DomainSet domains)
    {
        Guard.Options(this);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var target = TargetPredictions.Of(extractor, predictor, domains);
        var (predicted, classes) = (target.Scores.argmax(1), target.Scores.shape[1]);
        var features = Reduced(target.Features);
        var clusters = Starts is { } starts
            ? PlusPlusClustering.Of(features, Math.Min(classes, features.shape[0]), starts, new RandomKey(Seed))
            : PlusPlusClustering.From(features, Means(features, predicted, classes));
        return Of(predicted, clusters);
    }

    /// <summary>The adjusted mutual information of two partitions of the same rows; it is symmetric.</summary>
    /// <param name="labels">Class numbers, int64 <c>[n]</c>.</param>
    /// <param name="others">Other class numbers, int64 <c>[n]</c>.</param>
    /// <returns>At most 1; 0 where one of the two has one class alone.</returns>
    public static double Of(Tensor labels, Tensor others)
    {
        Guard.Alive(labels);
        Guard.Alive(others);
        LabeledFeatures.Labels(labels, labels.numel(), nameof(others));
        LabeledFeatures.Labels(others, labels.numel(), nameof(labels));
        using var scope = NewDisposeScope();
        var table = nn
            .functional.one_hot(labels)
            .to(float64)
            .t()
            .mm(nn.functional.one_hot(others.to(labels.device)).to(float64))
            .cpu();
        var (rows, columns) = (Sizes(table.sum(dim: 1)), Sizes(table.sum(dim: 0)));
        if (rows.Length < 2 || columns.Length < 2)
        {
            return 0;
        }
        var count = labels.shape[0];
        var information = Entropy(rows, count) + Entropy(columns, count) - Entropy(Sizes(table.reshape(-1)), count);
        var expected = Expected(rows, columns, count);
        var mean = (Entropy(rows, count) + Entropy(columns, count)) / 2;
        // Where both are nearly all single rows chance explains all of it, and what is left is rounding.
        var room = mean - expected;
        return room > 1e-12 * mean ? (information - expected) / room
            : information >= mean * (1 - 1e-12) ? 1
            : 0;
    }

    private Tensor Reduced(Tensor features)
    {
        if (Components is not { } count || count >= features.shape[1])
        {
            return features;
        }
        var (mean, axes) = PrincipalAxes.Of([new TensorRows(features)], Math.Min(count, features.shape[0]), null);
        return (features - mean).mm(axes);
    }

    // Of each class's rows; 0 where it has none.
    private static Tensor Means(Tensor features, Tensor labels, long classes)
    {
        var isOfClass = nn.functional.one_hot(labels, classes).to(features.dtype);
        return isOfClass.t().mm(features) / isOfClass.sum(dim: 0).clamp_min(1).unsqueeze(1);
    }

    private static long[] Sizes(Tensor counts) =>
        [.. counts.data<double>().Select(size => (long)size).Where(size => size > 0)];

    private static double Entropy(long[] sizes, long count) =>
        -sizes.Sum(size => (double)size / count * Math.Log((double)size / count));

    // Of the hypergeometric law of each cell; terms that it rules out are left out.
    private static double Expected(long[] rows, long[] columns, long count)
    {
        var sum = 0.0;
        foreach (var a in rows)
        {
            foreach (var b in columns)
            {
                var fixedPart = Log(a) + Log(b) + Log(count - a) + Log(count - b) - Log(count);
                for (var both = Math.Max(1, a + b - count); both <= Math.Min(a, b); both++)
                {
                    Canceling.Check();
                    var chance = fixedPart - Log(both) - Log(a - both) - Log(b - both) - Log(count - a - b + both);
                    sum += (double)both / count * Math.Log((double)count * both / ((double)a * b)) * Math.Exp(chance);
                }
            }
        }
        return sum;

        static double Log(long number) => SpecialFunctions.FactorialLn((int)number);
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
