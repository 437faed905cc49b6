using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Labels for target rows: spherical k-means of their features, started at the sources' class centers, without the rows
/// and classes that it is unsure of.
/// </summary>
/// <remarks>
/// Centers <c>o_c = sum_i [y_i = c] x_i / ||x_i||</c>, first of the source's labels, then of the target's own; each
/// target row goes to the center of the least <c>1/2 (1 - cos(x, o_c))</c>, until no row changes (Kang, Jiang, Yang and
/// Hauptmann 2019, "Contrastive Adaptation Network", section 3.3). A class that the source lacks gets no row; a class
/// that loses all its rows keeps its center. Costs <c>m d C</c> a round and one copy to the host.
/// </remarks>
public sealed record SphericalClustering : IPlanned
{
    /// <summary>The most rounds. Default 100.</summary>
    [OptionRange(AtLeast = 1)]
    public int MaxRounds { get; init; } = 100;

    /// <summary>
    /// Rows farther than this from their center get no label; distances lie in 0 ... 1. Default 1, which keeps every
    /// row.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double MaxDistance { get; init; } = 1;

    /// <summary>
    /// Classes with fewer target rows than this get none. Default 1, which keeps every class that has rows.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public long MinRows { get; init; } = 1;

    /// <summary>Labels target rows.</summary>
    /// <param name="source">Source features <c>[n, d]</c>.</param>
    /// <param name="labels">Their class numbers <c>[n]</c>.</param>
    /// <param name="target">Target features <c>[m, d]</c>.</param>
    /// <param name="classes">The number of classes.</param>
    /// <returns>Class numbers <c>[m]</c>, int64; -1 where a row was left out. The caller disposes them.</returns>
    public Tensor Label(Tensor source, Tensor labels, Tensor target, long classes)
    {
        Guard.Pair(source, target);
        Guard.Alive(labels);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (rows, members) = (Unit(target), OneHot(labels, classes, source));
        var centers = Unit(members.t().matmul(Unit(source)));
        var isAbsent = members.sum(dim: 0).eq(0);
        var (nearest, similarity) = Nearest(rows, centers, isAbsent);
        for (var round = 1; round < MaxRounds; round++)
        {
            Canceling.Check();
            var own = OneHot(nearest, classes, target);
            var moved = own.t().matmul(rows);
            centers = where(own.sum(dim: 0).gt(0).unsqueeze(1), Unit(moved), centers);
            var (next, nextSimilarity) = Nearest(rows, centers, isAbsent);
            var isSettled = next.equal(nearest).all().item<bool>();
            (nearest, similarity) = (next, nextSimilarity);
            if (isSettled)
            {
                break;
            }
        }
        var isSure = ((1 - similarity) / 2).le(MaxDistance);
        var counts = (OneHot(nearest, classes, target) * isSure.to(target.dtype).unsqueeze(1)).sum(dim: 0);
        var isKept = isSure.logical_and(counts.ge(MinRows).index_select(0, nearest));
        return where(isKept, nearest, full_like(nearest, -1)).MoveToOuterDisposeScope();
    }

    private static (Tensor Class, Tensor Similarity) Nearest(Tensor rows, Tensor centers, Tensor isAbsent)
    {
        var similarities = rows.matmul(centers.t()).masked_fill(isAbsent, double.NegativeInfinity);
        var nearest = similarities.argmax(1);
        return (nearest, similarities.gather(1, nearest.unsqueeze(1)).squeeze(1));
    }

    private static Tensor OneHot(Tensor labels, long classes, Tensor like) =>
        nn.functional.one_hot(labels, classes).to(like.dtype);

    private static Tensor Unit(Tensor rows) => rows / rows.square().sum(1, keepdim: true).sqrt().clamp_min(1e-30);
}
