using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>Some rows of an unlabeled domain, or a view of some rows.</summary>
/// <param name="inputs">The inputs <c>[n, ...]</c>.</param>
/// <param name="domain">The domain.</param>
/// <param name="rows">Row numbers in the domain.</param>
public sealed class UnlabeledBatch(Tensor inputs, DomainId domain, Tensor rows) : IBatch
{
    /// <inheritdoc />
    public Tensor Inputs { get; } = inputs;

    /// <inheritdoc />
    public DomainId Domain { get; } = domain;

    /// <inheritdoc />
    public Tensor Rows { get; } = rows;
}
