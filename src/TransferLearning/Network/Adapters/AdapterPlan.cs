using TorchSharp;
using TorchSharp.Modules;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// The parameter plan by which only adapters move: low-rank corrections, bottleneck adapters and whatever else is an
/// <see cref="IAdapted"/>. All else stays frozen.
/// </summary>
public sealed class AdapterPlan : IParameterPlan
{
    /// <inheritdoc />
    /// <exception cref="ArgumentException">The module has no adapter.</exception>
    public IReadOnlyList<ParameterGroup> Groups(nn.Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        var added = module.modules().Prepend(module).OfType<IAdapted>().SelectMany(it => it.Added);
        List<Parameter> parameters = [.. added.Distinct<Parameter>(ReferenceEqualityComparer.Instance)];
        return parameters.Count > 0
            ? [new ParameterGroup(parameters)]
            : throw new ArgumentException(
                $"{module.GetName()} has no adapter to move: wrap layers by LowRankLinear or "
                    + "LowRankConvolution, or put a BottleneckAdapter behind them.",
                nameof(module)
            );
    }

    /// <summary>Values as a dense layer starts with, uniform within one over the root of the inputs.</summary>
    internal static Tensor Drawn(long[] shape, Tensor like)
    {
        using var scope = NewDisposeScope();
        var bound = 1 / Math.Sqrt(shape[1..].Aggregate(1L, (product, side) => product * side));
        return ((rand(shape, like.dtype, like.device) * 2 * bound) - bound).MoveToOuterDisposeScope();
    }

    internal static void Freeze(nn.Module layer)
    {
        foreach (var parameter in layer.parameters())
        {
            parameter.requires_grad = false;
        }
    }
}
