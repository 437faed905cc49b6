using System.Globalization;

namespace TransferLearning.Evaluation;

/// <summary>
/// What a score that judges models without target labels is worth: how it goes with their accuracies on the target, and
/// what it costs to follow it.
/// </summary>
/// <remarks>
/// <para>
/// Spearman's correlation is Pearson's of the ranks, equal values sharing the mean of their ranks. Kendall's is tau-b,
/// <c>(P - Q) / sqrt((n0 - n1) (n0 - n2))</c> with the P pairs that both order alike, the Q pairs that they order
/// otherwise, <c>n0 = n (n - 1) / 2</c> and the pairs n1 and n2 that are alike by one of them. Both are 0 where the
/// scores, or the accuracies, are all alike. A score that is NaN ranks behind all numbers, as in a search.
/// </para>
/// <para>
/// The regret is the best model's accuracy less that of the model with the highest score; where several have it, their
/// mean accuracy.
/// </para>
/// </remarks>
/// <param name="Spearman">Spearman's rank correlation, from -1 to 1.</param>
/// <param name="Kendall">Kendall's rank correlation tau-b, from -1 to 1.</param>
/// <param name="Regret">How much accuracy the choice by the score costs, from 0 to 1.</param>
/// <param name="Count">How many models there are.</param>
public readonly record struct ScoreWorth(double Spearman, double Kendall, double Regret, int Count)
{
    /// <summary>The worth of a score on some models of one task.</summary>
    /// <param name="scores">The score of each model; higher is better.</param>
    /// <param name="accuracies">The accuracy of each model on labeled target rows.</param>
    /// <exception cref="ArgumentException">
    /// The numbers of scores and accuracies differ, there are fewer than 2, or an accuracy is not finite.
    /// </exception>
    public static ScoreWorth Of(ReadOnlySpan<double> scores, ReadOnlySpan<double> accuracies)
    {
        if (scores.Length != accuracies.Length || scores.Length < 2)
        {
            throw new ArgumentException(
                $"accuracies must be one for each of the {scores.Length} scores, at least 2; got {accuracies.Length}.",
                nameof(accuracies)
            );
        }
        foreach (var accuracy in accuracies)
        {
            if (!double.IsFinite(accuracy))
            {
                throw new ArgumentException(
                    string.Create(CultureInfo.InvariantCulture, $"every accuracy must be finite; one is {accuracy}."),
                    nameof(accuracies)
                );
            }
        }
        double[] given = [.. scores];
        double[] right = [.. accuracies];
        var best = given.Max(Comparer<double>.Default);
        var chosen = right.Where((_, i) => given[i].Equals(best)).Average();
        return new ScoreWorth(
            Pearson(Ranks(given), Ranks(right)),
            TauB(given, right),
            Math.Max(0, right.Max() - chosen), // a mean of equal numbers may be above them
            given.Length
        );
    }

    /// <summary>The mean worth over several tasks, each counted once.</summary>
    /// <param name="tasks">The worth on each of them, at least one.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static ScoreWorth Mean(IReadOnlyCollection<ScoreWorth> tasks)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        return tasks.Count == 0
            ? throw new ArgumentException("tasks must be one at least.", nameof(tasks))
            : new ScoreWorth(
                tasks.Average(task => task.Spearman),
                tasks.Average(task => task.Kendall),
                tasks.Average(task => task.Regret),
                tasks.Sum(task => task.Count)
            );
    }

    /// <inheritdoc />
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Spearman {Spearman:F2}, Kendall {Kendall:F2}, regret {100 * Regret:F1} points, of {Count} models"
        );

    // From 1 for the least; NaN is below all numbers and equals itself here.
    private static double[] Ranks(double[] values) =>
        Array.ConvertAll(
            values,
            value =>
                1
                + values.Count(other => other.CompareTo(value) < 0)
                + ((values.Count(other => other.CompareTo(value) == 0) - 1) / 2.0)
        );

    private static double Pearson(double[] left, double[] right)
    {
        var (meanLeft, meanRight) = (left.Average(), right.Average());
        var shared = left.Zip(right, (x, y) => (x - meanLeft) * (y - meanRight)).Sum();
        var spread = Math.Sqrt(
            left.Sum(x => (x - meanLeft) * (x - meanLeft)) * right.Sum(y => (y - meanRight) * (y - meanRight))
        );
        return spread > 0 ? shared / spread : 0;
    }

    private static double TauB(double[] left, double[] right)
    {
        var (agreement, apartLeft, apartRight) = (0.0, 0.0, 0.0);
        for (var i = 0; i < left.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var (x, y) = (Math.Sign(left[i].CompareTo(left[j])), Math.Sign(right[i].CompareTo(right[j])));
                agreement += x * y;
                apartLeft += Math.Abs(x);
                apartRight += Math.Abs(y);
            }
        }
        var pairs = Math.Sqrt(apartLeft * apartRight);
        return pairs > 0 ? agreement / pairs : 0;
    }
}
