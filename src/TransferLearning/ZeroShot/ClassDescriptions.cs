using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.ZeroShot;

/// <summary>
/// What is known of every class, of those that no labeled row shows as well: a vector a class, its attributes or the
/// embedding of its name.
/// </summary>
/// <remarks>
/// Row c of the vectors describes class c. A class is seen where a labeled row is of it and unseen elsewhere; labeled
/// domains declare all classes: <c>LabelSpace.Classes(descriptions.Count)</c>. Holds references only: the caller keeps
/// and disposes the vectors. Immutable.
/// </remarks>
public sealed class ClassDescriptions
{
    private readonly Tensor vectors;

    /// <summary>Descriptions of some classes.</summary>
    /// <param name="vectors">A vector a class, finite, <c>[classes, attributes]</c> of a floating dtype.</param>
    /// <exception cref="ArgumentException">They are no such matrix, or not finite.</exception>
    public ClassDescriptions(Tensor vectors)
    {
        Guard.Rows(vectors);
        using var scope = NewDisposeScope();
        if (!vectors.isfinite().all().item<bool>())
        {
            throw new ArgumentException("vectors must be finite; some are NaN or infinite.", nameof(vectors));
        }
        this.vectors = vectors;
    }

    /// <summary>The vectors <c>[classes, attributes]</c>.</summary>
    public Tensor Vectors => Guard.Alive(vectors);

    /// <summary>How many classes are described.</summary>
    public long Count => Vectors.shape[0];

    /// <summary>How many numbers describe a class.</summary>
    public long Width => Vectors.shape[1];

    /// <summary>The same descriptions with 1 for attributes above a threshold and 0 for others.</summary>
    /// <remarks>The new vectors belong to the dispose scope that is open, if any.</remarks>
    /// <param name="threshold">
    /// The threshold; null for the mean of all numbers, as the authors of Animals with Attributes have it.
    /// </param>
    public ClassDescriptions Binary(double? threshold = null)
    {
        using var scope = NewDisposeScope();
        var at = threshold is { } given ? full_like(Vectors[0, 0], given) : Vectors.mean();
        return new ClassDescriptions(Vectors.gt(at).to(Vectors.dtype).MoveToOuterDisposeScope());
    }

    /// <summary>The same descriptions with vectors of length 1; a vector of zeros stays.</summary>
    /// <remarks>The new vectors belong to the dispose scope that is open, if any.</remarks>
    public ClassDescriptions OfUnitLength()
    {
        using var scope = NewDisposeScope();
        return new ClassDescriptions(SemanticRows.Unit(Vectors).MoveToOuterDisposeScope());
    }

    /// <summary>Which classes some labels show.</summary>
    /// <param name="labels">Class numbers, int64 <c>[n]</c>, from 0 on and each below <see cref="Count"/>.</param>
    /// <returns>True for seen classes, bool <c>[classes]</c>; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">
    /// The labels are no class numbers <c>[n]</c>, or one is not among the described classes.
    /// </exception>
    public Tensor Seen(Tensor labels)
    {
        Guard.Alive(labels);
        if (labels.dim() != 1 || labels.is_floating_point())
        {
            throw new ArgumentException($"labels must be class numbers [n]; got {Shape.Of(labels)}.", nameof(labels));
        }
        using var scope = NewDisposeScope();
        var (lowest, highest) = labels.numel() > 0 ? (labels.min().ToInt64(), labels.max().ToInt64()) : (0L, 0L);
        if (lowest < 0 || highest >= Count)
        {
            throw new ArgumentException(
                $"labels must lie in 0 ... {Count - 1}, the described classes; found "
                    + $"{(lowest < 0 ? lowest : highest)}.",
                nameof(labels)
            );
        }
        return labels.bincount(null, Count).gt(0).MoveToOuterDisposeScope();
    }
}
