using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>float32 copies of parameters that compute in bfloat16: they take the updates, so that small ones are not rounded away.</summary>
/// <remarks>Normalisation layers stay in float32. Disposing turns everything back to float32 with the copies' values.</remarks>
internal sealed class MasterWeights : IDisposable
{
    private readonly IReadOnlyList<ITrainable> parts;
    private readonly List<(ITrainable Part, string Name, Parameter Master)> masters = [];
    private readonly Dictionary<Parameter, Parameter> byParameter = new(ReferenceEqualityComparer.Instance);

    public MasterWeights(IReadOnlyList<ITrainable> parts)
    {
        this.parts = parts;
        foreach (var part in parts)
        {
            var before = part
                .Module.named_parameters()
                .ToDictionary(
                    pair => pair.name,
                    pair => (Copy: pair.parameter.detach().to(float32, copy: true), pair.parameter.requires_grad),
                    StringComparer.Ordinal
                );
            Convert(part.Module, bfloat16);
            foreach (var (name, parameter) in part.Module.named_parameters())
            {
                var (copy, isTrained) = before[name];
                parameter.requires_grad = isTrained;
                var master = new Parameter(copy, isTrained);
                master.DetachFromDisposeScope();
                masters.Add((part, name, master));
                byParameter[parameter] = master;
            }
        }
    }

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
    }

    public void Dispose()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        foreach (var part in parts)
        {
            Convert(part.Module, float32);
        }
        foreach (var (part, name, master) in masters)
        {
            var parameter = part.Module.get_parameter(name)!;
            parameter.copy_(master);
            parameter.requires_grad = master.requires_grad;
            master.Dispose();
        }
    }

    private static void Convert(nn.Module module, ScalarType type)
    {
        var children = module.children().ToList();
        foreach (var child in children)
        {
            Convert(child, type);
        }
        if (children.Count == 0 && !module.GetType().Name.Contains("Norm", StringComparison.Ordinal))
        {
            module.to(type);
        }
    }
}
