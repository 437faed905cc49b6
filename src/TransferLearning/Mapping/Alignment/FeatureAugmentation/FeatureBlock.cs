using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>One domain's branch: the row in its own block and in the last, shared one, zeros elsewhere.</summary>
internal sealed class FeatureBlock(long own, long blocks) : IFeatureExtractor, IGraphPart
{
    public Tensor Extract(Tensor inputs)
    {
        Guard.Rows(inputs, 0);
        using var scope = NewDisposeScope();
        var nothing = zeros_like(inputs);
        var parts = new Tensor[blocks];
        Array.Fill(parts, nothing);
        (parts[own], parts[blocks - 1]) = (inputs, inputs);
        return cat(parts, 1).MoveToOuterDisposeScope();
    }

    public GraphValue Write(IGraphWriter graph, GraphValue inputs)
    {
        var nothing = graph.Subtract(inputs, inputs);
        var parts = new GraphValue[blocks];
        Array.Fill(parts, nothing);
        (parts[own], parts[blocks - 1]) = (inputs, inputs);
        return graph.Beside(parts);
    }
}
