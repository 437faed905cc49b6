using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>Some rows of an unlabeled domain, or a view of some rows.</summary>
/// <param name="inputs">The inputs <c>[n, ...]</c>.</param>
/// <param name="domain">The domain.</param>
/// <param name="rows">Row numbers in the domain.</param>
/// <param name="members">Which of several joined domains each row belongs to; null where there is one.</param>
public sealed class UnlabeledBatch(Tensor inputs, DomainId domain, Tensor rows, Tensor? members = null) : IBatch
{
    /// <inheritdoc />
    public Tensor Inputs { get; } = inputs;

    /// <inheritdoc />
    public DomainId Domain { get; } = domain;

    /// <inheritdoc />
    public Tensor Rows { get; } = rows;

    /// <summary>
    /// Which of the domains that were joined to one (<see cref="UnlabeledDomain.Joined"/>) each row belongs to, from 0,
    /// int64 <c>[n]</c>; null where there is one, and of mixed rows.
    /// </summary>
    public Tensor? Members { get; } = members;

    /// <summary>The same rows with other inputs, a view of them for instance.</summary>
    /// <param name="inputs">The inputs <c>[n, ...]</c>.</param>
    public UnlabeledBatch With(Tensor inputs) => new(inputs, Domain, Rows, Members);
}
