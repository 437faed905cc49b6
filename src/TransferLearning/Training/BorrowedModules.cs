using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>
/// The modules of a training, borrowed from their owner: what of them learns while it runs, and what they get back
/// afterwards.
/// </summary>
/// <remarks>
/// Given back are gradients and which parameters take any; modules end in evaluation mode. A module trains where its
/// owner did not put it into evaluation mode and some parameter in it, or in what is around it, moves.
/// </remarks>
internal sealed class BorrowedModules
{
    private readonly IReadOnlyList<ITrainable> parts;
    private readonly List<(ITrainable Part, string Name, bool RequiresGrad, Tensor? Gradient)> parameters = [];
    private readonly List<(nn.Module Module, bool IsTraining)> owners;
    private List<(nn.Module Module, bool IsTraining)> modes;

    public BorrowedModules(IReadOnlyList<ITrainable> parts)
    {
        this.parts = parts;
        foreach (var part in parts)
        {
            foreach (var (name, parameter) in part.Module.named_parameters())
            {
                parameters.Add((part, name, parameter.requires_grad, parameter.grad?.DetachFromDisposeScope()));
            }
            Modes.Wake(part.Module);
        }
        // Only now: a part may hold another one, and each remembers the parameters that they share.
        owners = [.. parts.SelectMany(part => Modes.Now(part.Module))];
        modes = owners;
        foreach (var part in parts)
        {
            part.Module.zero_grad();
        }
    }

    /// <summary>Whether a part's owner wants all of it to stay in evaluation mode.</summary>
    public bool IsResting(ITrainable part) =>
        owners.Exists(mode => ReferenceEquals(mode.Module, part.Module) && !mode.IsTraining);

    /// <summary>Puts what moves into training mode and all else into evaluation mode.</summary>
    /// <param name="moved">The parts that some phase moves.</param>
    /// <param name="moving">The parameters that move at present.</param>
    /// <param name="atRest">Modules that stay in evaluation mode all the same.</param>
    public void Train(IEnumerable<ITrainable> moved, IEnumerable<Parameter> moving, IEnumerable<nn.Module> atRest)
    {
        var awake = new HashSet<Parameter>(moving, ReferenceEqualityComparer.Instance);
        var learning = new HashSet<nn.Module>(ReferenceEqualityComparer.Instance);
        foreach (var part in moved)
        {
            Learning(part.Module, awake, learning);
        }
        learning.ExceptWith(atRest.SelectMany(Modes.Of));
        modes = [.. owners.Select(mode => (mode.Module, mode.IsTraining && learning.Contains(mode.Module)))];
        Keep();
    }

    /// <summary>
    /// Puts the modes of the last <see cref="Train"/> back, in case that somebody who looks on has changed them.
    /// </summary>
    public void Keep() => Modes.Set(modes);

    /// <summary>Gives everything back.</summary>
    public void Return()
    {
        foreach (var part in parts)
        {
            part.Module.zero_grad();
        }
        foreach (var (part, name, requiresGrad, gradient) in parameters)
        {
            var parameter = part.Module.get_parameter(name)!;
            parameter.requires_grad = requiresGrad;
            if (gradient is not null)
            {
                using var scope = NewDisposeScope();
                parameter.grad = gradient.to(parameter.device).to(parameter.dtype);
                gradient.Dispose();
            }
        }
        parameters.Clear();
        Modes.Set(owners);
        foreach (var part in parts)
        {
            Modes.Rest(part.Module);
        }
    }

    // A module without parameters goes with the one around it: dropout and activations of a frozen block rest with the
    // block.
    private static void Learning(nn.Module module, HashSet<Parameter> awake, HashSet<nn.Module> learning)
    {
        var own = module.parameters().ToList();
        if (own.Count > 0 && !own.Exists(awake.Contains))
        {
            return;
        }
        learning.Add(module);
        foreach (var child in module.children())
        {
            Learning(child, awake, learning);
        }
    }
}
