using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>
/// The networks of a model file: architectures are code, so the file holds their numbers and the reader brings the
/// modules.
/// </summary>
internal sealed class NetworkSlots(IReadOnlyList<ModulePart> given, Device device)
{
    private readonly List<ITrainable> saved = [];
    private readonly HashSet<long> filled = [];

    /// <summary>Where whatever is fitted around the networks goes.</summary>
    public Device Device => device;

    public void Put(StateBag scope, ITrainable part)
    {
        long number = saved.FindIndex(known => ReferenceEquals(known.Module, part.Module));
        var isNew = number < 0;
        if (isNew)
        {
            number = saved.Count;
            saved.Add(part);
        }
        scope.Number("network", ref number);
        var about = string.Join(
            ", ",
            part.Module.named_parameters().Select(p => $"{p.name} {Shape.Text(p.parameter.shape)}")
        );
        scope.Text("about", ref about);
        if (isNew)
        {
            part.Exchange(scope.Scope("state"));
        }
    }

    public ModulePart Take(StateBag scope)
    {
        long number = 0;
        scope.Number("network", ref number);
        var about = "";
        scope.Text("about", ref about);
        if (number >= given.Count)
        {
            throw new InvalidDataException(
                $"The file needs a module for its network {number} but {given.Count} module(s) were given; its "
                    + $"parameters are: {about}."
            );
        }
        var part = given[(int)number];
        if (filled.Add(number))
        {
            ((ICheckpointed)part).Exchange(scope.Scope("state"));
        }
        return part;
    }

    /// <summary>Checks that every module took a network.</summary>
    public void Complete()
    {
        if (filled.Count < given.Count)
        {
            throw new InvalidDataException(
                $"{given.Count} module(s) were given but the file holds {filled.Count} network(s): leave out what "
                    + "it has no numbers for."
            );
        }
    }
}
