using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>TransRate: the coding rate of all features less that within classes.</summary>
/// <remarks>
/// With centered features F and <c>R(F) = 1/2 log det(I + F'F / (n epsilon))</c> the score is
/// <c>R(F) - 1/C sum_c R(F_c)</c>, the classes' rows not centered again (Huang, Huang, Rong, Yang and Wei 2022,
/// "Frustratingly Easy Transferability Estimation", as TLLib computes it). The paper weighs classes by their rows,
/// <see cref="WeighsClasses"/>; the figures differ where classes are of unlike size.
/// </remarks>
public sealed record TransRate : ITransferabilityScore
{
    /// <summary>The distortion epsilon, positive. Default 1e-4.</summary>
    [OptionRange(Above = 0)]
    public double Epsilon { get; init; } = 1e-4;

    /// <summary>Whether classes count by their numbers of rows, as in the paper. Default false: all alike.</summary>
    public bool WeighsClasses { get; init; }

    /// <inheritdoc />
    public double Of(Tensor features, Tensor labels)
    {
        Guard.Options(this);
        using var scope = NewDisposeScope();
        var rows = LabeledFeatures.Checked(features, labels);
        rows = rows - rows.mean([0L]);
        var classes = LabeledFeatures.ByClass(rows, labels).ToList();
        var within = classes.Sum(some =>
            Rate(some) * (WeighsClasses ? (double)some.shape[0] / rows.shape[0] : 1.0 / classes.Count)
        );
        return Rate(rows) - within;
    }

    private double Rate(Tensor rows)
    {
        using var scope = NewDisposeScope();
        var (n, d) = (rows.shape[0], rows.shape[1]);
        // The smaller of both products has the same determinant.
        var product = n < d ? rows.mm(rows.t()) : rows.t().mm(rows);
        var whole = eye(product.shape[0], dtype: float64, device: rows.device) + (product / (n * Epsilon));
        return linalg.slogdet(whole).Item2.item<double>() / 2;
    }
}
