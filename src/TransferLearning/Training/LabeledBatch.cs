using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>Some rows of a labeled domain.</summary>
/// <param name="inputs">The inputs <c>[n, ...]</c>.</param>
/// <param name="labels">
/// Class numbers <c>[n]</c>, class probabilities <c>[n, classes]</c> (mixed labels), or values <c>[n]</c> or
/// <c>[n, k]</c>.
/// </param>
/// <param name="domain">The domain.</param>
/// <param name="rows">Row numbers in the domain.</param>
/// <param name="weights">Example weights <c>[n]</c> relative to their mean over the domain, or null.</param>
/// <param name="space">What the labels mean.</param>
public sealed class LabeledBatch(
    Tensor inputs,
    Tensor labels,
    DomainId domain,
    Tensor rows,
    Tensor? weights,
    LabelSpace space
) : IBatch
{
    /// <inheritdoc />
    public Tensor Inputs { get; } = inputs;

    /// <summary>Class numbers <c>[n]</c>, class probabilities <c>[n, classes]</c>, or values.</summary>
    public Tensor Labels { get; } = labels;

    /// <inheritdoc />
    public DomainId Domain { get; } = domain;

    /// <inheritdoc />
    public Tensor Rows { get; } = rows;

    /// <summary>Example weights <c>[n]</c> relative to their mean over the domain, or null.</summary>
    public Tensor? Weights { get; } = weights;

    /// <summary>What the labels mean.</summary>
    public LabelSpace Space { get; } = space;

    /// <summary>The same rows with other inputs and labels.</summary>
    public LabeledBatch With(Tensor inputs, Tensor labels) => With(inputs, labels, Weights);

    internal LabeledBatch With(Tensor inputs, Tensor labels, Tensor? weights) =>
        new(inputs, labels, Domain, Rows, weights, Space);
}
