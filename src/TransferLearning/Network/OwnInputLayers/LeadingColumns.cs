using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// The first columns of the rows: what a domain's own input layer reads where the rows of several domains were brought
/// to one width by <see cref="PaddedColumns"/>.
/// </summary>
/// <remarks>
/// <c>x[:, 0..c)</c>. Rows of exactly c columns stay as they are, so that a fitted model reads its domain's rows
/// without padding, too.
/// </remarks>
[SavedPart("leading-columns")]
public sealed class LeadingColumns : IFeatureExtractor, ISavedPart, IGraphPart
{
    private long count;

    private LeadingColumns() { }

    /// <summary>Reads the first columns.</summary>
    /// <param name="count">How many, at least 1.</param>
    public LeadingColumns(long count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        this.count = count;
    }

    /// <summary>How many columns are read.</summary>
    public long Count => count;

    /// <summary>The first columns of some rows.</summary>
    /// <param name="inputs">Rows <c>[n, d]</c>, d at least c.</param>
    /// <returns>Rows <c>[n, c]</c>; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">The rows are narrower, or not a matrix.</exception>
    public Tensor Extract(Tensor inputs)
    {
        Guard.Alive(inputs);
        return inputs.dim() == 2 && inputs.shape[1] >= count
            ? inputs.narrow(1, 0, count)
            : throw new ArgumentException(
                $"inputs must be rows [n, d] of at least {count} columns; got {Shape.Of(inputs)}.",
                nameof(inputs)
            );
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs) =>
        graph.Select(inputs, graph.Constant(arange(count, dtype: int64)), 1);

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Number("count", ref count);
    }
}
