using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>Some rows of one domain.</summary>
public interface IBatch
{
    /// <summary>The inputs <c>[n, ...]</c>.</summary>
    Tensor Inputs { get; }

    /// <summary>The domain that they come from.</summary>
    DomainId Domain { get; }

    /// <summary>
    /// Their row numbers in the domain, int64 <c>[n]</c> on the CPU; of mixed rows, those of the first ingredient.
    /// </summary>
    Tensor Rows { get; }
}
