using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>What the two objectives of codes share.</summary>
internal static class HashTerms
{
    /// <summary>
    /// <c>log(1 + e^z) - s z</c> of every pair of different rows, 0 for a row with itself, and whether the pair is of
    /// one class: float64 <c>[n, n]</c> both. Opens no scope.
    /// </summary>
    public static (Tensor Losses, Tensor IsSame) OfPairs(Tensor codes, Tensor labels, double scale)
    {
        var wide = codes.to(float64);
        var z = wide.matmul(wide.t()) * scale;
        var isSame = labels.unsqueeze(1).eq(labels.unsqueeze(0)).to(float64);
        var isOther = 1 - eye(z.shape[0], dtype: float64, device: z.device);
        return ((z.logaddexp(zeros_like(z)) - (isSame * z)) * isOther, isSame);
    }

    /// <summary>Labels must be class numbers, one a row.</summary>
    public static void Check(Tensor labels, Tensor codes, string name)
    {
        if (labels.dim() != 1 || labels.is_floating_point() || labels.shape[0] != codes.shape[0])
        {
            throw new ArgumentException(
                $"{name} must be class numbers [{codes.shape[0]}]; got {Shape.Of(labels)}.",
                name
            );
        }
    }

    /// <summary>Labeled rows must be of classes and without example weights.</summary>
    public static void Check(IEnumerable<LabeledBatch> batches, string name)
    {
        var all = batches.ToList();
        if (all.Exists(batch => batch.Weights is not null))
        {
            throw new ArgumentException(
                "hashing cannot weigh rows, and they have example weights: take the weights away, or the term.",
                name
            );
        }
        if (all.Find(batch => !batch.Space.IsClasses || batch.Labels.is_floating_point()) is { } other)
        {
            throw new ArgumentException(
                $"hashing compares class numbers; the labels are {other.Space}, {Shape.Of(other.Labels)}.",
                name
            );
        }
    }
}
