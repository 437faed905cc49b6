using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// Layer transfer: the first layers of a trained network, or the last ones, start those of another one, and stay as
/// they are, are tuned, or are tuned after a while.
/// </summary>
/// <remarks>
/// Yosinski, Clune, Bengio and Lipson 2014, "How Transferable Are Features in Deep Neural Networks?": with
/// <see cref="Freezes"/> their networks "AnB", without "AnB+". Layers are the modules' direct children that have
/// parameters, in order. As a parameter plan, <c>net.Optimize(extractor, plan: transfer)</c>, it holds the copied
/// layers where they are to be frozen.
/// </remarks>
public sealed class LayerTransfer : IParameterPlan
{
    /// <summary>A transfer of some layers.</summary>
    /// <param name="layers">How many layers, at least 1.</param>
    public LayerTransfer(int layers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(layers, 1);
        Layers = layers;
    }

    /// <summary>How many layers are copied.</summary>
    public int Layers { get; }

    /// <summary>
    /// Whether the last layers are copied, those nearest to the outputs. Default false: the first ones are. Where
    /// inputs differ and outputs mean the same, another recorder or language for instance, the last ones carry over.
    /// </summary>
    public bool IsLast { get; init; }

    /// <summary>Whether the copied layers are frozen. Default false: they are tuned with the rest.</summary>
    public bool Freezes { get; init; }

    /// <summary>
    /// Freeze, then all: for how many epochs the copied layers are frozen, before they move with the rest; null for
    /// none, or for good where <see cref="Freezes"/> says so. Default null.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int? FrozenEpochs { get; init; }

    /// <summary>Copies parameters and buffers.</summary>
    /// <param name="from">The trained module; it stays as it is.</param>
    /// <param name="to">The module that takes the copies, whose layers have the same shapes.</param>
    /// <exception cref="ArgumentException">
    /// One has too few layers, or the shapes differ; nothing is copied then.
    /// </exception>
    public void Copy(nn.Module from, nn.Module to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        var pairs = Pairs(from, to);
        using var quiet = no_grad();
        foreach (var (source, target) in pairs)
        {
            target.copy_(source);
        }
    }

    /// <summary>Why layers cannot be copied; null where they can.</summary>
    internal string? Misfit(nn.Module from, nn.Module to)
    {
        try
        {
            _ = Pairs(from, to);
            return null;
        }
        catch (ArgumentException fault)
        {
            return fault.Message;
        }
    }

    /// <inheritdoc />
    public IReadOnlyList<ParameterGroup> Groups(nn.Module module)
    {
        Guard.Options(this);
        var held = Freezes || FrozenEpochs is not null ? Layers : 0;
        var plan = IsLast ? FreezingPlan.None.FreezeLast(held) : FreezingPlan.None.FreezeFirst(held);
        return (FrozenEpochs is { } epochs ? plan.Until(epochs) : plan).Groups(module);
    }

    private List<(Tensor Source, Tensor Target)> Pairs(nn.Module from, nn.Module to) =>
        [.. LayersOf(from, nameof(from)).Zip(LayersOf(to, nameof(to))).SelectMany(Matched)];

    private List<nn.Module> LayersOf(nn.Module module, string name)
    {
        var all = module.children().Where(child => child.parameters().Any()).ToList();
        var layers = (IsLast ? all.TakeLast(Layers) : all.Take(Layers)).ToList();
        return layers.Count == Layers
            ? layers
            : throw new ArgumentException(
                $"{name} must have at least {Layers} layers, direct children with parameters; "
                    + $"{module.GetName()} has {layers.Count}.",
                name
            );
    }

    private static IEnumerable<(Tensor Source, Tensor Target)> Matched((nn.Module From, nn.Module To) layers)
    {
        var (source, target) = (layers.From.state_dict(), layers.To.state_dict());
        foreach (var (name, own) in target)
        {
            if (!source.TryGetValue(name, out var other) || !other.shape.SequenceEqual(own.shape))
            {
                throw new ArgumentException(
                    $"layers must have the same shapes; '{name}' of {layers.To.GetName()} is "
                        + $"{Shape.Text(own.shape)}, and there "
                        + (other is null ? "is none in the other." : $"it is {Shape.Text(other.shape)}."),
                    "to"
                );
            }
            yield return (other, own);
        }
        if (source.Keys.FirstOrDefault(name => !target.ContainsKey(name)) is { } left)
        {
            throw new ArgumentException(
                $"layers must have the same entries; {layers.To.GetName()} has no '{left}', which the other has.",
                "to"
            );
        }
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) =>
        Freezes && FrozenEpochs is not null
            ? ["Freezes holds the copied layers for good and FrozenEpochs wakes them up: set one of them."]
            : [];
}
