using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>Ranks pretrained networks, or layers of one, for labeled target rows, by several scores at once.</summary>
/// <remarks>
/// Every score ranks the candidates, and the mean rank decides: scores have no common unit, and none is right for all
/// data. Where their ranks disagree, the ranking says so by its range.
/// </remarks>
public sealed record BackboneAdvisor
{
    /// <summary>The scores. Default LogME, the regularized H-score and GBC.</summary>
    public IReadOnlyList<ITransferabilityScore> Scores { get; init; } =
    [new LogMaximumEvidence(), new HScore(), new GaussianBhattacharyya()];

    /// <summary>Ranks candidates.</summary>
    /// <param name="features">Each candidate's features <c>[n, d]</c> of the same rows, by name.</param>
    /// <param name="labels">The rows' class numbers, int64 <c>[n]</c>.</param>
    /// <returns>The candidates, the best first.</returns>
    /// <exception cref="ArgumentException">
    /// There is no candidate or no score, or rows and labels do not fit.
    /// </exception>
    public IReadOnlyList<RankedBackbone> Rank(IReadOnlyDictionary<string, Tensor> features, Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(features);
        if (features.Count == 0 || Scores.Count == 0)
        {
            throw new ArgumentException(
                $"a ranking needs candidates and scores; got {features.Count} and {Scores.Count}.",
                nameof(features)
            );
        }
        string[] names = [.. features.Keys.Order(StringComparer.Ordinal)];
        var values = Scores.Select(score => names.Select(name => score.Of(features[name], labels)).ToArray()).ToList();
        var ranks = values.ConvertAll(Ranks);
        return
        [
            .. names
                .Select(
                    (name, i) =>
                        new RankedBackbone(
                            name,
                            ranks.Average(rank => rank[i]),
                            [.. ranks.Select(rank => rank[i])],
                            [.. values.Select(value => value[i])]
                        )
                )
                .OrderBy(candidate => candidate.MeanRank)
                .ThenBy(candidate => candidate.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>
    /// Ranks from 1 for the highest value; equal values share their mean rank, and those that are no numbers the last.
    /// </summary>
    internal static double[] Ranks(double[] values) =>
        Array.ConvertAll(
            values,
            value =>
                // NaN is below all numbers and equals itself here.
                1
                + values.Count(other => other.CompareTo(value) > 0)
                + ((values.Count(other => other.CompareTo(value) == 0) - 1) / 2.0)
        );
}
