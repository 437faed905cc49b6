using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>Mean and variance of rows of features, or of each channel over its places.</summary>
internal static class StyleStatistic
{
    private const double Epsilon = 1e-5;

    /// <summary>Rows with their mean and variance taken out, and those. Opens no scope.</summary>
    public static (Tensor Content, Tensor Mean, Tensor Variance) Of(Tensor rows)
    {
        var flat = Flat(rows);
        var mean = flat.mean([-1L], keepdim: true);
        var variance = flat.var(-1, unbiased: true, keepdim: true);
        return ((flat - mean) / (variance + Epsilon).sqrt(), mean, variance);
    }

    /// <summary>Rows of a content, a mean and a variance, in a shape. Opens no scope.</summary>
    public static Tensor Rows(Tensor content, Tensor mean, Tensor variance, Tensor like) =>
        ((content * (variance + Epsilon).sqrt()) + mean).reshape(like.shape);

    public static void Check(Tensor rows, Tensor partners)
    {
        Guard.Alive(rows);
        Guard.Alive(partners);
        if (
            rows.dim() < 2
            || rows.shape[0] == 0
            || rows.numel() / rows.shape[0] / (rows.dim() > 2 ? rows.shape[1] : 1) < 2
        )
        {
            throw new ArgumentException(
                "rows must be features [n, d] or channels over places [n, c, ...], d or the places at least 2; got "
                    + $"{Shape.Of(rows)}.",
                nameof(rows)
            );
        }
        if (!partners.shape.SequenceEqual([rows.shape[0]]))
        {
            throw new ArgumentException(
                $"partners must be one a row, [{rows.shape[0]}]; got {Shape.Of(partners)}.",
                nameof(partners)
            );
        }
    }

    /// <summary>All labeled rows' features in one tensor, and their batches. Opens no scope.</summary>
    public static (Tensor Features, LabeledBatch[] Batches) All(StepContext step)
    {
        LabeledBatch[] batches = [.. step.Labeled];
        return (batches.Length == 1 ? step.Features(batches[0]) : cat([.. batches.Select(step.Features)]), batches);
    }

    /// <summary>A random row for each row, int64 <c>[n]</c>. Opens no scope.</summary>
    public static Tensor Partners(Tensor rows, RandomKey key)
    {
        using var generator = key.Generator();
        return randperm(rows.shape[0], int64, generator: generator).to(rows.device);
    }

    private static Tensor Flat(Tensor rows) => rows.dim() > 2 ? rows.flatten(2) : rows;
}
