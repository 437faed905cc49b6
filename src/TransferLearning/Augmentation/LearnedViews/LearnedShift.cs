using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>A learned shift of rows of features, within a share of each feature's spread.</summary>
/// <remarks>
/// <c>x + bound s t</c>, s the standard deviation of each feature over the batch, a constant. Without a network <c>t =
/// tanh(theta) u</c> with a trained theta for each feature and u even from -1 to 1 for each number: what is learned is
/// how far each feature may stray. With a network <c>t = tanh(g(x))</c>: what is learned is where each row goes, and
/// nothing is drawn.
/// </remarks>
public sealed class LearnedShift : ILearnedView, IDisposable
{
    private readonly ViewParameters parameters;
    private readonly double bound;

    /// <summary>Makes a view.</summary>
    /// <param name="features">The number of features d, at least 1.</param>
    /// <param name="bound">
    /// The largest shift as a share of a feature's standard deviation, positive. Default 0.5.
    /// </param>
    /// <param name="network">
    /// Rows <c>[n, d]</c> to <c>[n, d]</c>, for a shift of each row's own; null for one rule for all. The view owns it.
    /// </param>
    public LearnedShift(long features, double bound = 0.5, nn.Module<Tensor, Tensor>? network = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 1);
        Guard.Positive(bound);
        this.bound = bound;
        parameters = new ViewParameters(features, network);
    }

    /// <inheritdoc />
    public nn.Module Module => parameters;

    /// <inheritdoc />
    public Tensor Look(Tensor inputs, RandomKey key)
    {
        Guard.Fitted(inputs, parameters.Count);
        using var scope = NewDisposeScope();
        var spread = inputs.detach().std(0, unbiased: false, keepdim: true);
        return (inputs + (parameters.Strengths(inputs, key) * spread * bound)).MoveToOuterDisposeScope();
    }

    /// <summary>Disposes the parameters, and the network where there is one.</summary>
    public void Dispose() => parameters.Dispose();
}
