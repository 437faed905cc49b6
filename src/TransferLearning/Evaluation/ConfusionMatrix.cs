using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Evaluation;

/// <summary>How often each class was read as which: rows are true classes, columns predicted ones.</summary>
public sealed class ConfusionMatrix
{
    private readonly long[,] counts;

    private ConfusionMatrix(long[,] counts) => this.counts = counts;

    /// <summary>The number of classes.</summary>
    public int Classes => counts.GetLength(0);

    /// <summary>How often a class was read as another.</summary>
    /// <param name="truth">The true class.</param>
    /// <param name="predicted">The predicted class.</param>
    public long this[int truth, int predicted] => counts[truth, predicted];

    /// <summary>The share of all rows that were right.</summary>
    public double Accuracy
    {
        get
        {
            long right = 0;
            long all = 0;
            for (var i = 0; i < Classes; i++)
            {
                right += counts[i, i];
                for (var j = 0; j < Classes; j++)
                {
                    all += counts[i, j];
                }
            }
            return (double)right / all;
        }
    }

    /// <summary>How many rows are of a class.</summary>
    /// <param name="label">The class.</param>
    public long Support(int label) => Enumerable.Range(0, Classes).Sum(j => counts[label, j]);

    /// <summary>Of the rows that were read as a class, the share that is of it; 0 where none was.</summary>
    /// <param name="label">The class.</param>
    public double Precision(int label) =>
        Share(counts[label, label], Enumerable.Range(0, Classes).Sum(i => counts[i, label]));

    /// <summary>Of the rows of a class, the share that was read as it; 0 where there is none.</summary>
    /// <param name="label">The class.</param>
    public double Recall(int label) => Share(counts[label, label], Support(label));

    /// <summary>The harmonic mean of precision and recall, <c>2 P R / (P + R)</c>; 0 where both are.</summary>
    /// <param name="label">The class.</param>
    public double F1(int label)
    {
        var (precision, recall) = (Precision(label), Recall(label));
        return precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
    }

    /// <summary>
    /// The mean over the classes that occur of the share of each that was right: accuracy that a common class cannot
    /// dominate.
    /// </summary>
    public double BalancedAccuracy => Enumerable.Range(0, Classes).Where(label => Support(label) > 0).Average(Recall);

    /// <summary>Counts some predictions.</summary>
    /// <param name="predicted">Scores <c>[n, C]</c> or class numbers, int64 <c>[n]</c>.</param>
    /// <param name="labels">Class numbers, int64 <c>[n]</c>.</param>
    /// <param name="classes">The number of classes C.</param>
    /// <exception cref="ArgumentException">
    /// The shapes do not go together, a class number is out of range, or a score is NaN.
    /// </exception>
    public static ConfusionMatrix Of(Tensor predicted, Tensor labels, int classes)
    {
        Guard.Alive(predicted);
        Guard.Alive(labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        using var scope = NewDisposeScope();
        var read = Evaluation.Classes.Of(predicted);
        Evaluation.Classes.Check(read, labels);
        var (truth, guess) = (labels.cpu(), read.cpu());
        if (
            truth.min().ToInt64() < 0
            || truth.max().ToInt64() >= classes
            || guess.min().ToInt64() < 0
            || guess.max().ToInt64() >= classes
        )
        {
            throw new ArgumentException(
                $"labels and predictions must lie in 0 ... {classes - 1}; got {Shape.Of(labels)} with others.",
                nameof(labels)
            );
        }
        var flat = ((truth * classes) + guess).bincount(null, (long)classes * classes).data<long>().ToArray();
        var table = new long[classes, classes];
        for (var i = 0; i < flat.Length; i++)
        {
            table[i / classes, i % classes] = flat[i];
        }
        return new ConfusionMatrix(table);
    }

    /// <summary>
    /// A table: a row a true class with its counts by predicted class, its precision, recall and F1; the accuracies
    /// below.
    /// </summary>
    public override string ToString()
    {
        var culture = System.Globalization.CultureInfo.InvariantCulture;
        var width = Math.Max(6, counts.Cast<long>().Max().ToString(culture).Length + 1);
        var text = new System.Text.StringBuilder("true");
        for (var j = 0; j < Classes; j++)
        {
            text.Append(j.ToString(culture).PadLeft(width));
        }
        text.AppendLine(" precision recall     F1");
        for (var i = 0; i < Classes; i++)
        {
            text.Append(i.ToString(culture).PadLeft(4));
            for (var j = 0; j < Classes; j++)
            {
                text.Append(counts[i, j].ToString(culture).PadLeft(width));
            }
            text.AppendLine(culture, $"{Precision(i), 10:F3}{Recall(i), 7:F3}{F1(i), 7:F3}");
        }
        return text.Append(culture, $"accuracy {Accuracy:F3}, balanced {BalancedAccuracy:F3}").ToString();
    }

    private static double Share(long right, long all) => all == 0 ? 0 : (double)right / all;
}
