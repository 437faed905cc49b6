using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>
/// A tensor that a module trains. It takes over the source's native tensor and its place in the dispose scope; the source
/// is invalid afterwards. A source that was computed with gradients is cut from its graph.
/// </summary>
public class Parameter : Tensor
{
    public Parameter(Tensor data, bool requires_grad = true)
        : base(Leaf(data))
    {
        this.requires_grad = requires_grad;
    }

    private static Tensor Leaf(Tensor data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.is_leaf)
        {
            return data;
        }
        var leaf = data.detach().MoveToOtherDisposeScope(data);
        data.Dispose();
        return leaf;
    }
}
