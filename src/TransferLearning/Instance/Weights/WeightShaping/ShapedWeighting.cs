using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// Another weighting with its weights made tamer: clipped, flattened, or brought to mean 1. See
/// <see cref="WeightShaping"/>.
/// </summary>
internal sealed class ShapedWeighting(IInstanceWeighting inner, Func<Tensor, Tensor> shape) : IInstanceWeighting
{
    public Tensor Weigh(LabeledDomain source, UnlabeledDomain target, FitContext context)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return shape(RelativeWeights.Made(inner.Weigh(source, target, context), inner)).MoveToOuterDisposeScope();
    }
}
