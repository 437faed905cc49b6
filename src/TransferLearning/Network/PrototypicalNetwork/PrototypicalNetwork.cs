using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>Prototypical networks: a row is of the class whose labeled rows' mean lies nearest.</summary>
/// <remarks>
/// <c>score(x, k) = -||x - c_k||^2</c>, c_k the mean of the labeled features of class k (Snell, Swersky and Zemel 2017,
/// "Prototypical Networks for Few-shot Learning", equations 1 and 2); cross-entropy in training.
/// </remarks>
public sealed record PrototypicalNetwork : IFewShotRule
{
    /// <inheritdoc />
    public Tensor Score(Tensor support, Tensor labels, Tensor queries, int ways)
    {
        Guard.Pair(support, queries);
        using var scope = NewDisposeScope();
        var prototypes = Prototypes(support, labels, ways);
        var distances = (queries.unsqueeze(1) - prototypes).square().sum(2);
        return distances.neg().MoveToOuterDisposeScope();
    }

    /// <summary>The mean of each class.</summary>
    /// <param name="support">Features of the labeled rows <c>[m, d]</c>.</param>
    /// <param name="labels">Their classes, int64 <c>[m]</c>.</param>
    /// <param name="ways">How many classes there are.</param>
    /// <returns>The means <c>[ways, d]</c>; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">There is not one class for each row.</exception>
    public static Tensor Prototypes(Tensor support, Tensor labels, int ways)
    {
        Guard.Rows(support);
        Guard.Alive(labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(ways, 1);
        if (labels.dim() != 1 || labels.shape[0] != support.shape[0])
        {
            throw new ArgumentException(
                $"labels must be classes [{support.shape[0]}]; got {Shape.Of(labels)}.",
                nameof(labels)
            );
        }
        using var scope = NewDisposeScope();
        var isClass = nn.functional.one_hot(labels, ways).to(support.dtype);
        var counts = isClass.sum(dim: 0).unsqueeze(1).clamp_min(1);
        return (isClass.t().matmul(support) / counts).MoveToOuterDisposeScope();
    }
}
