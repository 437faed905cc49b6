using TransferLearning.Data;
using TransferLearning.Instance;
using TransferLearning.Internal;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>Which of several sources is nearest to the target: the one that is hardest to tell from it.</summary>
/// <remarks>
/// <para>
/// For each source a classifier learns to tell its rows from the target's, and reads rows that it was not fitted to.
/// Of its errors <c>e_S</c> and <c>e_T</c> the distance is <c>d = 2 (1 - (e_S + e_T))</c> within 0 and 2, the proxy
/// A-distance (Ben-David, Blitzer, Crammer and Pereira 2007), with the interval
/// <c>2 z sqrt(e_S (1 - e_S) / n + e_T (1 - e_T) / m)</c> around it, errors being counted with one error and one hit
/// more. The weight of a source is <c>1 - d / 2</c>, a bound of the share that both have in common, over the mean of
/// all sources; sources that all can be told apart without fail weigh alike.
/// </para>
/// <para>
/// Nearness is of inputs alone: a near source with other labels ruins what is learned from it, and a far one with many
/// rows can still help. Costs <see cref="Folds"/> + 1 fits a source.
/// </para>
/// </remarks>
public sealed record SourceRanking
{
    /// <summary>The classifier that tells domains apart. Default logistic regression.</summary>
    public ILabelLearner Classifier { get; init; } = new LogisticRegression();

    /// <summary>The folds by which rows are held out, at least 2. Default 5.</summary>
    [OptionRange(AtLeast = 2)]
    public int Folds { get; init; } = 5;

    /// <summary>The confidence of the intervals, from 0 to below 1. Default 0.95.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Confidence { get; init; } = 0.95;

    /// <summary>The seed of the folds. Default 0.</summary>
    public long Seed { get; init; }

    /// <summary>Ranks sources.</summary>
    /// <param name="sources">At least one source of rows <c>[n, d]</c>; their labels are not looked at.</param>
    /// <param name="target">Rows <c>[m, d]</c> of the target.</param>
    /// <returns>The sources, the nearest first.</returns>
    /// <exception cref="ArgumentException">There is no source, or shapes do not match.</exception>
    public IReadOnlyList<RankedSource> Of(IReadOnlyList<LabeledDomain> sources, UnlabeledDomain target)
    {
        Guard.Options(this);
        ArgumentNullException.ThrowIfNull(target);
        Check(sources);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var distances = sources.Select(source => Distance(source.Inputs, target.Inputs)).ToList();
        var shared = distances.ConvertAll(distance => 1 - (distance.Value / 2));
        var mean = shared.Average();
        return
        [
            .. distances
                .Select(
                    (distance, i) =>
                        new RankedSource(
                            i,
                            distance.Value,
                            Math.Clamp(distance.Value - distance.Half, 0, 2),
                            Math.Clamp(distance.Value + distance.Half, 0, 2),
                            mean > 0 ? shared[i] / mean : 1
                        )
                )
                .OrderBy(source => source.Distance)
                .ThenBy(source => source.Source),
        ];
    }

    /// <summary>
    /// All sources as one domain whose rows weigh as their source does, times the weights that they had.
    /// </summary>
    /// <remarks>
    /// As one domain, because a chain brings the weights of each domain to a mean of 1, behind which a weight of a
    /// whole source would be gone. A source's rows together weigh as its number of rows times its weight.
    /// </remarks>
    /// <param name="sources">The sources, in the order in which they were ranked.</param>
    /// <param name="ranking">Their ranking.</param>
    /// <returns>The domain.</returns>
    /// <exception cref="ArgumentException">The ranking is of other sources.</exception>
    public static LabeledDomain Pool(IReadOnlyList<LabeledDomain> sources, IReadOnlyList<RankedSource> ranking)
    {
        Check(sources);
        ArgumentNullException.ThrowIfNull(ranking);
        if (!ranking.Select(one => one.Source).Order().SequenceEqual(Enumerable.Range(0, sources.Count)))
        {
            throw new ArgumentException(
                $"ranking must name each of the {sources.Count} sources once; got "
                    + $"{string.Join(", ", ranking.Select(one => one.Source))}.",
                nameof(ranking)
            );
        }
        using var scope = NewDisposeScope();
        var pooled = DomainPool.Labeled(sources);
        // A source that shares nothing with the target has rows of weight 0, which no domain could have by itself.
        var weights = ranking.OrderBy(one => one.Source).Select(one => Own(sources[one.Source]) * one.Weight);
        // What is given back must not hang on this scope.
        return new LabeledDomain(
            pooled.Inputs.alias().MoveToOuterDisposeScope(),
            pooled.Labels.alias().MoveToOuterDisposeScope(),
            cat([.. weights.Append(zeros(0, pooled.Inputs.dtype, pooled.Inputs.device))]).MoveToOuterDisposeScope(),
            pooled.Space
        );
    }

    private static Tensor Own(LabeledDomain source) =>
        source.Weights is { } given
            ? given / given.mean()
            : ones(source.Count, source.Inputs.dtype, source.Inputs.device);

    private static void Check(IReadOnlyList<LabeledDomain> sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        if (sources.Count == 0 || sources.Any(source => source is null))
        {
            throw new ArgumentException("sources must be at least one labeled domain.", nameof(sources));
        }
    }

    private (double Value, double Half) Distance(Tensor source, Tensor target)
    {
        Guard.Pair(source, target);
        var (n, m) = (source.shape[0], target.shape[0]);
        var labels = cat([zeros(n, int64, source.device), ones(m, int64, source.device)]);
        // The domains count alike, whatever their sizes.
        var weights = cat([
            full(n, 1.0 / n, source.dtype, source.device),
            full(m, 1.0 / m, source.dtype, source.device),
        ]);
        var both = new LabeledDomain(cat([source, target]), labels, weights, LabelSpace.Classes(2));
        var none = new UnlabeledDomain(target.narrow(0, 0, 1));
        var (held, _) = HeldOutProbabilities.Of(Classifier, both, none, Folds, FitContext.Seeded(Seed));
        var wrong = held.argmax(1).ne(labels).to(float64);
        var (ofSource, ofTarget) = (wrong.narrow(0, 0, n).mean().ToDouble(), wrong.narrow(0, n, m).mean().ToDouble());
        var value = Math.Clamp(2 * (1 - (ofSource + ofTarget)), 0, 2);
        var spread = Math.Sqrt(Variance(ofSource, n) + Variance(ofTarget, m));
        return (value, 2 * WilsonInterval.Quantile(Confidence) * spread);

        static double Variance(double error, long rows)
        {
            var share = ((error * rows) + 1) / (rows + 2);
            return share * (1 - share) / rows;
        }
    }
}
