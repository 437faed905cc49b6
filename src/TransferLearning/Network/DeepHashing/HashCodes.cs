using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>Binary codes, and searches among them by the number of bits in which they differ.</summary>
/// <remarks>
/// Codes may be given as they come from a <see cref="HashLayer"/>: only their signs count, and 0 counts as positive.
/// For the measures of retrieval the similarity of codes is their distance with a minus.
/// </remarks>
public static class HashCodes
{
    /// <summary>The bits as signs.</summary>
    /// <param name="codes">Codes <c>[n, bits]</c>.</param>
    /// <returns>-1 or 1, <c>[n, bits]</c> in the codes' dtype; the caller disposes it.</returns>
    public static Tensor Signs(Tensor codes)
    {
        Guard.Rows(codes, 0);
        using var scope = NewDisposeScope();
        return SignsOf(codes.detach()).MoveToOuterDisposeScope();
    }

    /// <summary>The Hamming distances: in how many bits two codes differ.</summary>
    /// <param name="queries">Codes <c>[q, bits]</c>.</param>
    /// <param name="codes">Codes <c>[n, bits]</c>.</param>
    /// <returns>Whole numbers from 0 to bits, int64 <c>[q, n]</c>; the caller disposes them.</returns>
    public static Tensor Distances(Tensor queries, Tensor codes)
    {
        Guard.Pair(queries, codes, 0);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var agreeing = SignsOf(queries.to(float64)).matmul(SignsOf(codes.to(float64)).t());
        return ((agreeing * -0.5) + (queries.shape[1] / 2.0)).round().to(int64).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The rows whose codes are nearest to each query's, nearest first; of equally near ones the first.
    /// </summary>
    /// <param name="queries">Codes <c>[q, bits]</c>.</param>
    /// <param name="codes">Codes <c>[n, bits]</c>.</param>
    /// <param name="count">How many rows, from 1 to n.</param>
    /// <returns>Row numbers, int64 <c>[q, count]</c>; the caller disposes them.</returns>
    public static Tensor Nearest(Tensor queries, Tensor codes, int count = 1)
    {
        Guard.Pair(queries, codes, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, codes.shape[0]);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var n = codes.shape[0];
        // Distance and row number in one whole number: equal distances have an order.
        var places = (Distances(queries, codes) * n) + arange(0, n).to(codes.device);
        return places.topk(count, 1, largest: false).indexes.MoveToOuterDisposeScope();
    }

    /// <summary>-1 or 1 in the codes' dtype. Opens no scope.</summary>
    internal static Tensor SignsOf(Tensor codes) => (codes.ge(0).to(codes.dtype) * 2) - 1.0;
}
