using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// Brings rows of fewer columns to the width of another domain's, so that both can stand in one fit; an input layer
/// behind <see cref="LeadingColumns"/> reads what was there before.
/// </summary>
public static class PaddedColumns
{
    /// <summary>The domain with columns of zeros behind its own.</summary>
    /// <param name="domain">Labeled rows <c>[n, d]</c>; the caller keeps it.</param>
    /// <param name="width">The new width, at least d.</param>
    /// <returns>A domain of new rows <c>[n, width]</c> and the same labels and weights.</returns>
    /// <exception cref="ArgumentException">The rows are no matrix, or wider already.</exception>
    public static LabeledDomain PadColumns(this LabeledDomain domain, long width)
    {
        ArgumentNullException.ThrowIfNull(domain);
        return domain.WithInputs(Padded(domain.Inputs, width));
    }

    /// <summary>The domain with columns of zeros behind its own.</summary>
    /// <param name="domain">Rows <c>[n, d]</c> without labels; the caller keeps it.</param>
    /// <param name="width">The new width, at least d.</param>
    /// <returns>A domain of new rows <c>[n, width]</c>.</returns>
    /// <exception cref="ArgumentException">The rows are no matrix, or wider already.</exception>
    public static UnlabeledDomain PadColumns(this UnlabeledDomain domain, long width)
    {
        ArgumentNullException.ThrowIfNull(domain);
        return domain.With(new TensorRows(Padded(domain.Inputs, width)));
    }

    private static Tensor Padded(Tensor inputs, long width)
    {
        if (inputs.dim() != 2 || inputs.shape[1] > width)
        {
            throw new ArgumentException(
                $"rows must be [n, d] of at most {width} columns to be brought to that width; got {Shape.Of(inputs)}.",
                nameof(width)
            );
        }
        return nn.functional.pad(inputs, [0, width - inputs.shape[1]]);
    }
}
