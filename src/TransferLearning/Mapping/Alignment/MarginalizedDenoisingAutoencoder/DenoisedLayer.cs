using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// A layer of <see cref="MarginalizedDenoisingAutoencoder"/>: the row as it is, and <c>tanh(h W + b)</c> of its last
/// columns h beside it.
/// </summary>
[SavedPart("denoised-layer")]
public sealed class DenoisedLayer : IFeatureExtractor, ISavedPart, IGraphPart, IDisposable
{
    private AffineMap? rebuilding;

    private DenoisedLayer() { }

    internal DenoisedLayer(AffineMap rebuilding) => this.rebuilding = rebuilding;

    /// <summary>The map that rebuilds struck rows, <c>[d, d]</c>; it belongs to the layer.</summary>
    public AffineMap Rebuilding => rebuilding!;

    /// <inheritdoc />
    public Tensor Extract(Tensor inputs)
    {
        Guard.Alive(this, rebuilding!.Matrix);
        Guard.Rows(inputs, 0);
        using var scope = NewDisposeScope();
        var d = rebuilding.Matrix.shape[0];
        var last = inputs.narrow(1, inputs.shape[1] - d, d);
        return cat([inputs, rebuilding.Extract(last).tanh()], 1).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var d = rebuilding!.Matrix.shape[0];
        var example = graph.ExampleOf(inputs);
        var start = example.shape[1] - d;
        var last = graph.Select(inputs, graph.Constant(arange(start, start + d, dtype: int64)), 1);
        var rebuilt = graph.Part(rebuilding, graph.WithExample(last, example.narrow(1, start, d)));
        return graph.Beside(inputs, graph.Operator("Tanh", [rebuilt]));
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Part("rebuilding", ref rebuilding);
    }

    /// <summary>Disposes the map.</summary>
    public void Dispose() => rebuilding?.Dispose();
}
