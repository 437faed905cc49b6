using System.Diagnostics.CodeAnalysis;
using TorchSharp;
using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>A flat store of named tensors, numbers and texts: what checkpoints and model files are made of.</summary>
/// <remarks>
/// A bag either saves (each call copies the live value into the bag) or loads (each call copies the stored value back).
/// Values are held on the CPU and go back to where the live ones are. A bag owns its copies; dispose it.
/// </remarks>
public sealed class StateBag : IDisposable
{
    private readonly Dictionary<string, object> entries;
    private readonly string prefix;
    private readonly NetworkSlots networks;
    private readonly Action<string, Tensor>? look;
    private readonly HashSet<string> taken;

    private StateBag(
        Dictionary<string, object> entries,
        string prefix,
        bool isLoading,
        NetworkSlots networks,
        HashSet<string>? taken = null,
        Action<string, Tensor>? look = null
    )
    {
        (this.entries, this.prefix, IsLoading, this.networks, this.look) = (entries, prefix, isLoading, networks, look);
        this.taken = taken ?? new(StringComparer.Ordinal);
    }

    /// <summary>True where calls copy stored values back into live objects.</summary>
    public bool IsLoading { get; }

    /// <summary>Where tensors without a live one go when they are loaded.</summary>
    internal Device Device => networks.Device;

    /// <summary>What the bag holds, by its full names.</summary>
    internal IEnumerable<KeyValuePair<string, object>> Entries => entries;

    /// <summary>An empty bag that saves.</summary>
    public static StateBag ForSaving() =>
        new(new(StringComparer.Ordinal), "", isLoading: false, new NetworkSlots([], CPU));

    /// <summary>A bag that shows each live tensor of saved parts to an action and keeps nothing.</summary>
    internal static StateBag ForLooking(Action<string, Tensor> look) =>
        new(new(StringComparer.Ordinal), "", isLoading: false, new NetworkSlots([], CPU), look: look);

    /// <summary>Reads a file that <see cref="Write"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <param name="modules">
    /// The modules that take the places of the networks in the file, in order of first mention; only model files need
    /// them. Rebuilt parts go to their device, without any to the CPU.
    /// </param>
    /// <exception cref="InvalidDataException">
    /// The file is not a state file, is of another version, or is damaged or cut off.
    /// </exception>
    [RequiresUnreferencedCode(SavedParts.TrimmingRemovesParts)]
    public static StateBag Read(string path, params IReadOnlyList<nn.Module<Tensor, Tensor>> modules) =>
        Open(
            path,
            [.. modules.Select(ModulePart.Of)],
            modules.SelectMany(module => module.parameters()).FirstOrDefault()?.device ?? CPU
        );

    /// <summary>Reads a file whose rebuilt parts go to a device.</summary>
    internal static StateBag ReadOnto(Device device, string path) => Open(path, [], device);

    private static StateBag Open(string path, IReadOnlyList<ModulePart> modules, Device device) =>
        new(StateFile.Read(path), "", isLoading: true, new NetworkSlots(modules, device));

    /// <summary>
    /// Writes all entries to a file at once: temporary file, flush to disk, rename. A crash leaves the old file or the
    /// new one.
    /// </summary>
    public void Write(string path) => StateFile.Write(path, entries);

    /// <summary>The same bag under a name: entries inside do not clash with those outside.</summary>
    public StateBag Scope(string name) => new(entries, $"{prefix}{name}/", IsLoading, networks, taken, look);

    /// <summary>A loading view of what this bag holds, for copying state between live objects.</summary>
    public StateBag Continue() => new(entries, prefix, isLoading: true, networks);

    /// <summary>Whether the bag holds an entry of that name, or any entry in a scope of that name.</summary>
    public bool Has(string name) =>
        entries.ContainsKey(prefix + name)
        || entries.Keys.Any(key => key.StartsWith($"{prefix}{name}/", StringComparison.Ordinal));

    /// <summary>A tensor that keeps its shape and dtype: stored, or copied back in place.</summary>
    public void Tensor(string name, Tensor live)
    {
        ArgumentNullException.ThrowIfNull(live);
        if (!IsLoading)
        {
            PutTensor(name, live);
            return;
        }
        var stored = Fitting(name, live);
        using var quiet = no_grad();
        live.copy_(stored);
    }

    /// <summary>
    /// A tensor that may be absent or change its shape: loading replaces it and disposes the old one.
    /// </summary>
    public void Slot(string name, ref Tensor? slot)
    {
        if (!IsLoading)
        {
            if (slot is not null)
            {
                PutTensor(name, slot);
            }
            return;
        }
        var device = slot?.device ?? Device;
        slot?.Dispose();
        using var scope = NewDisposeScope();
        slot = entries.ContainsKey(prefix + name)
            ? Get<Tensor>(name).clone().to(device).DetachFromDisposeScope()
            : null;
    }

    /// <summary>A whole number.</summary>
    public void Number(string name, ref long value) => Value(name, ref value);

    /// <summary>A real number.</summary>
    public void Number(string name, ref double value) => Value(name, ref value);

    /// <summary>A text.</summary>
    public void Text(string name, ref string value) => Value(name, ref value);

    /// <summary>A value of an enumeration, as the text of its name.</summary>
    /// <exception cref="InvalidDataException">The text is no name that is known here.</exception>
    internal void Choice<T>(string name, ref T value)
        where T : struct, Enum
    {
        var text = value.ToString();
        Text(name, ref text);
        value =
            Enum.TryParse<T>(text, out var known) && Enum.IsDefined(known)
                ? known
                : throw new InvalidDataException(
                    $"The state says {prefix}{name} = '{text}', which is unknown here: it was saved by another version."
                );
    }

    /// <summary>A number that must be the same when loading: another seed or length of run is refused.</summary>
    public void Same(string name, long value)
    {
        var stored = value;
        Value(name, ref stored);
        if (stored != value)
        {
            throw new InvalidDataException(
                $"The state was saved with {prefix}{name} = {stored}, this run has {value}."
            );
        }
    }

    /// <summary>
    /// A module's parameters and persistent buffers, by their names. Loading wants each of them stored, in its shape
    /// and dtype, and none besides.
    /// </summary>
    public void Module(string name, nn.Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        var scope = Scope(name);
        var live = module.state_dict();
        if (IsLoading)
        {
            scope.CheckNames(module, live.Keys);
            foreach (var (key, value) in live)
            {
                scope.Fitting(key, value); // all of them before the first is copied
            }
        }
        foreach (var (key, value) in live)
        {
            scope.Tensor(key, value);
        }
    }

    /// <summary>
    /// An optimizer's state, as its own byte stream. Load it in the scope that the optimizer lives in.
    /// </summary>
    public void Optimizer(string name, OptimizerHelper optimizer)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        if (!IsLoading)
        {
            using var memory = new MemoryStream();
            using var writer = new BinaryWriter(memory);
            optimizer.save_state_dict(writer);
            writer.Flush();
            Put(name, tensor(memory.ToArray()).DetachFromDisposeScope());
            return;
        }
        using var reader = new BinaryReader(new MemoryStream(Get<Tensor>(name).bytes.ToArray()));
        optimizer.load_state_dict(reader);
    }

    /// <summary>
    /// A part. Where a live one is there, its state is stored or copied back in place; loading into an empty place
    /// rebuilds a <see cref="ISavedPart"/> from its type, and a network from the modules given to <see cref="Read"/>.
    /// </summary>
    /// <exception cref="NotSupportedException">
    /// The part is neither a saved part nor trainable, so it cannot be stored.
    /// </exception>
    public void Part<T>(string name, ref T? part)
        where T : class
    {
        var scope = Scope(name);
        if (!IsLoading)
        {
            SavePart(scope, part);
            return;
        }
        var kind = scope.Get<string>("type");
        if (kind.Length == 0)
        {
            part = null;
        }
        else if (part is ICheckpointed live)
        {
            live.Exchange(scope);
        }
        else
        {
            part = PartKinds.As<T>(
                kind == PartKinds.Network ? networks.Take(scope) : PartKinds.Create(kind, scope),
                kind
            );
        }
    }

    /// <summary>
    /// Checks, after loading, that every entry has found its place and every module that was given a network.
    /// </summary>
    /// <exception cref="InvalidDataException">Something is left over.</exception>
    internal void Complete()
    {
        var left = entries.Keys.Where(key => !taken.Contains(key)).Order(StringComparer.Ordinal).ToList();
        if (left.Count > 0)
        {
            throw new InvalidDataException(
                $"The state holds {left.Count} entries that nothing took, '{left[0]}' first: it was saved by "
                    + "another version of its parts."
            );
        }
        networks.Complete();
    }

    /// <summary>Disposes the stored copies.</summary>
    public void Dispose()
    {
        foreach (var stored in entries.Values.OfType<IDisposable>())
        {
            stored.Dispose();
        }
        entries.Clear();
    }

    /// <summary>
    /// Copies all entries of another bag under a name; the copies are shared, and whoever is disposed first disposes
    /// them.
    /// </summary>
    internal void Merge(string name, StateBag other)
    {
        foreach (var (key, value) in other.entries)
        {
            entries[name.Length == 0 ? prefix + key : $"{prefix}{name}/{key}"] = value;
        }
    }

    /// <summary>A bag of its own with copies of what lies under a name; an empty name copies everything.</summary>
    internal StateBag Clone(string name)
    {
        var start = name.Length == 0 ? prefix : $"{prefix}{name}/";
        var copies = entries
            .Where(entry => entry.Key.StartsWith(start, StringComparison.Ordinal))
            .ToDictionary(
                entry => entry.Key[start.Length..],
                entry => entry.Value is Tensor tensor ? StateFile.Copy(tensor) : entry.Value,
                StringComparer.Ordinal
            );
        return new StateBag(copies, "", isLoading: false, networks);
    }

    /// <summary>Forgets the entries without disposing them: they were shared.</summary>
    internal void Release() => entries.Clear();

    private void PutTensor(string name, Tensor live)
    {
        if (look is null)
        {
            Put(name, StateFile.Copy(live));
        }
        else
        {
            look(prefix + name, live);
        }
    }

    private void SavePart(StateBag scope, object? part)
    {
        if (look is not null)
        {
            (part as ISavedPart)?.Exchange(scope);
            return;
        }
        switch (part)
        {
            case null:
                scope.Put("type", "");
                break;
            case ISavedPart saved:
                scope.Put("type", SavedParts.IdOf(saved.GetType()));
                saved.Exchange(scope);
                break;
            case ITrainable trainable:
                scope.Put("type", PartKinds.Network);
                networks.Put(scope, trainable);
                break;
            default:
                throw new NotSupportedException(
                    $"A part of type {part.GetType().Name} cannot be saved: implement ISavedPart (rebuilt from "
                        + "its state) or ITrainable (a network)."
                );
        }
    }

    private void Value<T>(string name, [DisallowNull] ref T value)
        where T : notnull
    {
        if (IsLoading)
        {
            value = Get<T>(name);
        }
        else if (look is null)
        {
            Put(name, value);
        }
    }

    private void Put(string name, object value)
    {
        if (!entries.TryAdd(prefix + name, value))
        {
            throw new InvalidOperationException($"The state already has an entry '{prefix}{name}': names must differ.");
        }
    }

    private T Get<T>(string name)
    {
        taken.Add(prefix + name);
        return entries.TryGetValue(prefix + name, out var value) && value is T typed
            ? typed
            : throw new InvalidDataException(
                $"The state has no {typeof(T).Name} '{prefix}{name}': it was saved by another run, architecture "
                    + "or version."
            );
    }

    private Tensor Fitting(string name, Tensor live)
    {
        var stored = Get<Tensor>(name);
        if (!stored.shape.SequenceEqual(live.shape) || stored.dtype != live.dtype)
        {
            throw new InvalidDataException(
                $"The stored tensor '{prefix}{name}' is {stored.dtype} {Shape.Text(stored.shape)}, the live one "
                    + $"{live.dtype} {Shape.Text(live.shape)}: "
                    + "the architecture, or its dtype, is not the one that was saved."
            );
        }
        return stored;
    }

    private void CheckNames(nn.Module module, IEnumerable<string> live)
    {
        static string Text(IReadOnlyCollection<string> names) =>
            names.Count == 0 ? "nothing" : string.Join(", ", names);
        var own = live.ToHashSet(StringComparer.Ordinal);
        var stored = entries
            .Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(key => key[prefix.Length..])
            .ToHashSet(StringComparer.Ordinal);
        if (!own.SetEquals(stored))
        {
            throw new InvalidDataException(
                $"The stored module '{prefix.TrimEnd('/')}' is not a {module.GetName()} as the live one is: "
                    + $"stored alone are {Text([.. stored.Except(own)])}, "
                    + $"live alone {Text([.. own.Except(stored)])}. The architecture is not the one that was saved."
            );
        }
    }
}
