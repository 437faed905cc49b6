using MathNet.Numerics.Distributions;
using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Network;
using static TorchSharp.torch;

namespace TransferLearning.Evaluation;

/// <summary>The mean accuracy of a few-shot rule over drawn episodes, with its confidence interval.</summary>
/// <remarks>
/// The interval is <c>mean +- t s / sqrt(episodes)</c>, s the standard deviation of the episodes' accuracies and t
/// Student's quantile, as in the papers on few-shot learning. It is of the drawn episodes: that the classes are few it
/// does not know.
/// </remarks>
/// <param name="Value">The mean accuracy.</param>
/// <param name="Lower">The lower end of the interval.</param>
/// <param name="Upper">The upper end of the interval.</param>
/// <param name="Episodes">How many episodes there were.</param>
public readonly record struct EpisodeAccuracy(double Value, double Lower, double Upper, int Episodes)
{
    private const long RowsAtOnce = 256;

    /// <summary>Reads episodes of classes that the training has not shown.</summary>
    /// <param name="extractor">The representation; it passes in evaluation mode, each row once.</param>
    /// <param name="rule">How rows are read.</param>
    /// <param name="data">Labeled rows of the new classes.</param>
    /// <param name="ways">How many classes an episode has. Default 5.</param>
    /// <param name="shots">How many labeled rows of each. Default 1.</param>
    /// <param name="queries">How many rows of each are read. Default 15.</param>
    /// <param name="episodes">How many episodes, at least 2. Default 600.</param>
    /// <param name="confidence">The confidence, from 0 to 1. Default 0.95.</param>
    /// <param name="key">The key of the draws; null for seed 0.</param>
    /// <exception cref="ArgumentException">Too few classes have that many rows.</exception>
    public static EpisodeAccuracy Of(
        IFeatureExtractor extractor,
        IFewShotRule rule,
        LabeledDomain data,
        int ways = 5,
        int shots = 1,
        int queries = 15,
        int episodes = 600,
        double confidence = 0.95,
        RandomKey? key = null
    )
    {
        ArgumentNullException.ThrowIfNull(extractor);
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfLessThan(ways, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(shots, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(queries, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(episodes, 2);
        Guard.InRange(confidence, 0, 1);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var mode = EvaluationMode.Of([extractor, .. rule.Learned]);
        var classes = EpisodeRows.Classes(data, ways, shots, queries);
        var features = BatchedPass.Over(data.Rows, extractor, batchSize: RowsAtOnce);
        var root = key ?? new RandomKey(0);
        var each = new double[episodes];
        for (var i = 0; i < episodes; i++)
        {
            Canceling.Check();
            using var inner = NewDisposeScope();
            var episode = EpisodeRows.Drawn(classes, ways, shots, queries, root.Child(i));
            Tensor Of(Tensor rows) => features.index_select(0, rows.to(features.device));
            var labels = episode.SupportLabels.to(features.device);
            var scores = rule.Score(Of(episode.Support), labels, Of(episode.Queries), ways);
            var right = scores.argmax(1).cpu().eq(episode.QueryLabels).sum().item<long>();
            each[i] = (double)right / (ways * queries);
        }
        var mean = each.Average();
        var spread = Math.Sqrt(each.Sum(own => (own - mean) * (own - mean)) / (episodes - 1));
        var half = StudentT.InvCDF(0, 1, episodes - 1, (1 + confidence) / 2) * spread / Math.Sqrt(episodes);
        return new EpisodeAccuracy(mean, mean - half, mean + half, episodes);
    }

    /// <inheritdoc />
    public override string ToString() =>
        string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{100 * Value:F1}% [{100 * Lower:F1}, {100 * Upper:F1}] over {Episodes} episodes"
        );
}
