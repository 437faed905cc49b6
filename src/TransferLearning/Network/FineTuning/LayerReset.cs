using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>Layers as new: their parameters drawn again, as PyTorch draws those of a new layer.</summary>
/// <remarks>
/// Dense layers and convolutions: weights and biases uniform from <c>-1/sqrt(f)</c> to <c>1/sqrt(f)</c>, f the number
/// of inputs of an output (He et al. 2015's uniform values with a negative slope of <c>sqrt(5)</c>). Normalizations:
/// scale 1, shift 0, running mean 0, running variance 1.
/// </remarks>
public static class LayerReset
{
    /// <summary>Draws all parameters of a module again, those inside it as well.</summary>
    /// <param name="module">The module, a head for instance; its tensors are written in place.</param>
    /// <param name="key">The key of the draws.</param>
    /// <exception cref="ArgumentException">
    /// A module in it has parameters of its own and is none of these layers; nothing is changed then.
    /// </exception>
    public static void Reset(nn.Module module, RandomKey key)
    {
        ArgumentNullException.ThrowIfNull(module);
        var layers = Modes
            .Of(module)
            .Distinct<nn.Module>(ReferenceEqualityComparer.Instance)
            .Where(layer => layer.parameters(recurse: false).Any() || IsNormalization(layer))
            .ToList();
        if (layers.Find(layer => layer is not (Linear or Convolution) && !IsNormalization(layer)) is { } other)
        {
            throw new ArgumentException(
                $"module must be of dense layers, convolutions and normalizations; how a {other.GetName()} draws its "
                    + "parameters only its constructor knows: make a new one.",
                nameof(module)
            );
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var generator = key.Generator();
        foreach (var layer in layers)
        {
            if (IsNormalization(layer))
            {
                Standard(layer);
                continue;
            }
            var weight = layer.get_parameter("weight")!;
            var bound = 1 / Math.Sqrt(weight.numel() / weight.shape[0]);
            foreach (var parameter in layer.parameters(recurse: false))
            {
                parameter.copy_((rand(parameter.shape, generator: generator) * (2 * bound)) - bound);
            }
        }
    }

    private static bool IsNormalization(nn.Module layer) =>
        layer is BatchNorm or LayerNorm or GroupNorm
        || layer.named_buffers(recurse: false).Any(buffer => buffer.name == "running_mean");

    private static void Standard(nn.Module layer)
    {
        var own = layer
            .named_parameters(recurse: false)
            .Select(pair => (pair.name, Value: (Tensor)pair.parameter))
            .Concat(layer.named_buffers(recurse: false).Select(pair => (pair.name, Value: pair.buffer)));
        foreach (var (name, value) in own)
        {
            value.fill_(name is "weight" or "running_var" ? 1 : 0);
        }
    }
}
