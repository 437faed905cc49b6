using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Data;

/// <summary>Rows of any shape as vectors: <c>[n, ...]</c> to <c>[n, d]</c>.</summary>
[SavedPart("flat-rows")]
internal sealed class FlatRows : IFeatureExtractor, ISavedPart, IGraphPart
{
    public Tensor Extract(Tensor inputs)
    {
        Guard.Alive(inputs);
        return inputs.dim() >= 2
            ? inputs.flatten(1)
            : throw new ArgumentException($"inputs must be rows [n, ...]; got {Shape.Of(inputs)}.", nameof(inputs));
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs) =>
        graph.Operator("Flatten", [inputs], ("axis", 1L));

    public void Exchange(StateBag state) { }
}
