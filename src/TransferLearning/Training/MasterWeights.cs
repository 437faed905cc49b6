using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>
/// Modules that compute in bfloat16 or float16, and float32 copies of their parameters that take the updates, so that
/// small ones are not rounded away.
/// </summary>
/// <remarks>
/// A converted module takes and gives the dtype that it is given, whoever calls it. What normalizes stays in float32
/// and computes in it. Disposing turns everything back to float32, parameters with the copies' values.
/// </remarks>
internal sealed class MasterWeights : IDisposable
{
    private readonly IReadOnlyList<ITrainable> parts;
    private readonly ScalarType type;
    private readonly List<(ITrainable Part, string Name, Parameter Master)> masters = [];
    private readonly List<(ITrainable Part, string Name, Tensor Exact)> buffers = [];
    private readonly Dictionary<Parameter, Parameter> byParameter = new(ReferenceEqualityComparer.Instance);
    private readonly List<Action> removeHooks = [];

    /// <param name="parts">
    /// What trains. Parts that no phase moves compute as they are: a teacher's moving average needs every bit.
    /// </param>
    /// <param name="type">What they compute in.</param>
    public MasterWeights(IReadOnlyList<ITrainable> parts, ScalarType type)
    {
        (this.parts, this.type) = (parts, type);
        Remember();
        foreach (var part in parts)
        {
            part.Module.to(type);
        }
        var kept = new HashSet<nn.Module>(ReferenceEqualityComparer.Instance);
        foreach (var part in parts)
        {
            Normalizations(part.Module, kept);
        }
        foreach (var module in kept)
        {
            module.to(float32);
        }
        GiveBack();
        foreach (var (part, name, master) in masters)
        {
            var parameter = part.Module.get_parameter(name)!;
            parameter.requires_grad = master.requires_grad;
            byParameter[parameter] = master;
        }
        // Libtorch's batch normalization takes rounded rows beside float32 statistics by itself.
        foreach (var module in kept.Where(module => module is not BatchNorm).OfType<nn.Module<Tensor, Tensor>>())
        {
            Within(module, float32);
        }
        foreach (var part in parts.Where(part => !kept.Contains(part.Module)))
        {
            Within((nn.Module<Tensor, Tensor>)part.Module, type);
        }
    }

    /// <summary>
    /// Whether a module can compute in less than float32: it takes a tensor and gives one, and its numbers are float32.
    /// </summary>
    public static bool Takes(nn.Module module) =>
        module is nn.Module<Tensor, Tensor> && module.parameters().All(parameter => parameter.dtype == float32);

    public IEnumerable<Parameter> Of(IEnumerable<Parameter> parameters) =>
        parameters.Select(parameter => byParameter[parameter]);

    /// <summary>Hands the gradients of some parameters over to their copies.</summary>
    public void TakeGradients(IEnumerable<Parameter> parameters)
    {
        foreach (var parameter in parameters)
        {
            byParameter[parameter].grad = parameter.grad?.to(float32);
        }
    }

    /// <summary>Rounds the copies' values back into some parameters.</summary>
    public void GiveValues(IEnumerable<Parameter> parameters)
    {
        using var quiet = no_grad();
        foreach (var parameter in parameters)
        {
            parameter.copy_(byParameter[parameter]);
        }
    }

    public void Exchange(StateBag state)
    {
        for (var i = 0; i < masters.Count; i++)
        {
            state.Tensor($"master{i}", masters[i].Master);
        }
        for (var i = 0; i < buffers.Count; i++)
        {
            state.Tensor($"buffer{i}", buffers[i].Exact);
        }
    }

    public void Dispose()
    {
        removeHooks.ForEach(remove => remove());
        foreach (var part in parts)
        {
            part.Module.to(float32);
        }
        GiveBack();
        foreach (var (part, name, master) in masters)
        {
            part.Module.get_parameter(name)!.requires_grad = master.requires_grad;
            master.Dispose();
        }
        buffers.ForEach(buffer => buffer.Exact.Dispose());
    }

    // Before anything is converted: a part may hold another one.
    private void Remember()
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        foreach (var part in parts)
        {
            foreach (var (name, parameter) in part.Module.named_parameters().Where(pair => seen.Add(pair.parameter)))
            {
                var master = new Parameter(parameter.detach().to(float32, copy: true), parameter.requires_grad);
                master.DetachFromDisposeScope();
                masters.Add((part, name, master));
            }
            foreach (var (name, buffer) in part.Module.named_buffers().Where(pair => seen.Add(pair.buffer)))
            {
                if (buffer.is_floating_point())
                {
                    buffers.Add((part, name, buffer.detach().to(float32, copy: true).DetachFromDisposeScope()));
                }
            }
        }
    }

    // Exact values for rounded ones: all parameters', and those of the buffers that have not moved since.
    private void GiveBack()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        foreach (var (part, name, master) in masters)
        {
            part.Module.get_parameter(name)!.copy_(master);
        }
        foreach (var (part, name, exact) in buffers)
        {
            var buffer = part.Module.get_buffer(name)!;
            var rounded = exact.to(type).to(float32);
            buffer.copy_(where(buffer.to(float32).eq(rounded), exact, buffer.to(float32)));
        }
    }

    // The topmost modules that normalize: libtorch's, those with running statistics, and those made of nothing but them
    // and a scale.
    private static void Normalizations(nn.Module module, HashSet<nn.Module> found)
    {
        if (Normalizes(module))
        {
            found.Add(module);
            return;
        }
        foreach (var child in module.children())
        {
            Normalizations(child, found);
        }
    }

    private static bool Normalizes(nn.Module module)
    {
        var children = module.children().ToList();
        return module is NormBase or LayerNorm or GroupNorm
            || (
                children.Count == 0
                    ? module.buffers().Any(buffer => buffer.is_floating_point())
                    : module.parameters(recurse: false).Any() && children.TrueForAll(Normalizes)
            );
    }

    // What was given, in the dtype inside, and back into the dtype that it came in.
    private void Within(nn.Module<Tensor, Tensor> module, ScalarType inside)
    {
        var outside = new Stack<ScalarType>();
        var before = module.register_forward_pre_hook(
            (_, input) =>
            {
                outside.Push(input.is_floating_point() ? input.dtype : float32);
                return input.is_floating_point() ? input.to(inside) : input; // tokens stay numbers
            }
        );
        var after = module.register_forward_hook((_, _, output) => output.to(outside.Pop()));
        removeHooks.Add(before.remove);
        removeHooks.Add(after.remove);
    }
}
