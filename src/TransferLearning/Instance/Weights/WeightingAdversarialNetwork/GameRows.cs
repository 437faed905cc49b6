using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// Scaled rows <c>[n, d]</c> of one domain, with their values <c>[n, k]</c> and, where they have any, their own weights
/// <c>[n]</c>.
/// </summary>
internal sealed record GameRows(Tensor Inputs, Tensor Values, Tensor? Weights = null)
{
    /// <summary>So many rows at random; all, where there are no more.</summary>
    public GameRows Batch(long size, RandomKey key)
    {
        if (Inputs.shape[0] <= size)
        {
            return this;
        }
        var drawn = RatioBasis.Order(Inputs, key).narrow(0, 0, size);
        return new(Inputs.index_select(0, drawn), Values.index_select(0, drawn), Weights?.index_select(0, drawn));
    }
}
