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

    /// <summary>The mean over the classes that occur of the share of each that was right: accuracy that a common class cannot dominate.</summary>
    public double BalancedAccuracy
    {
        get
        {
            var recalls = Enumerable
                .Range(0, Classes)
                .Select(i => (Right: counts[i, i], All: Enumerable.Range(0, Classes).Sum(j => counts[i, j])))
                .Where(row => row.All > 0)
                .Select(row => (double)row.Right / row.All);
            return recalls.Average();
        }
    }

    /// <summary>Counts some predictions.</summary>
    /// <param name="predicted">Scores <c>[n, C]</c> or class numbers, int64 <c>[n]</c>.</param>
    /// <param name="labels">Class numbers, int64 <c>[n]</c>.</param>
    /// <param name="classes">The number of classes C.</param>
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
}
