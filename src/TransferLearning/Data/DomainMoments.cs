using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Data;

/// <summary>The moments of the pooled sources and of the target, which linear alignments are computed from.</summary>
internal static class DomainMoments
{
    /// <summary>
    /// The moments over one pass of the domains' rows, wherever they lie; they belong to the caller's scope.
    /// </summary>
    public static (Moments Source, Moments Target) Of(
        DomainSet domains,
        FitContext? context,
        bool isDiagonal = false
    ) => Of([.. domains.Sources.Select(source => source.Rows)], domains.Target.Rows, context, isDiagonal);

    /// <summary>The moments of rows in memory; they belong to the caller's scope.</summary>
    public static (Moments Source, Moments Target) Of(Tensor source, Tensor target, bool isDiagonal = false)
    {
        Guard.Pair(source, target, least: 2);
        return Of([new TensorRows(source)], new TensorRows(target), null, isDiagonal);
    }

    private static (Moments Source, Moments Target) Of(
        IReadOnlyList<IRowSource> sources,
        IRowSource target,
        FitContext? context,
        bool isDiagonal
    ) =>
        (
            Moments.Of(sources, isDiagonal: isDiagonal, context: context),
            Moments.Of([target], isDiagonal: isDiagonal, context: context)
        );
}
