using System.Collections.Concurrent;
using System.Reflection;
using TransferLearning.Internal;

namespace TransferLearning;

/// <summary>The parts that can be made from a file, by their ids.</summary>
/// <remarks>
/// The library's own are known. A part of your own is registered once, before a file that holds it is loaded.
/// </remarks>
public static class SavedParts
{
    /// <summary>What to say of members that make parts from a file.</summary>
    internal const string TrimmingRemovesParts =
        "Parts are found by the ids on the library's types, and trimming may remove those that only a file mentions.";

    private static readonly ConcurrentDictionary<string, Type> Known = new(
        typeof(SavedParts)
            .Assembly.GetTypes()
            .Where(type => type is { IsClass: true, IsAbstract: false } && typeof(ISavedPart).IsAssignableFrom(type))
            .Select(type => KeyValuePair.Create(IdOf(type), type)),
        StringComparer.Ordinal
    );

    /// <summary>Makes a part of your own known.</summary>
    /// <typeparam name="T">
    /// A type with a <see cref="SavedPartAttribute"/> and a parameterless constructor, which may be private.
    /// </typeparam>
    /// <exception cref="ArgumentException">
    /// It has no id or no such constructor, or another type has its id, or modules do (<c>network</c>).
    /// </exception>
    public static void Register<T>()
        where T : ISavedPart
    {
        var id = IdOf(typeof(T));
        _ = Shell(typeof(T));
        if (Known.GetOrAdd(id, typeof(T)) is var other && other != typeof(T))
        {
            throw new ArgumentException(
                $"the id '{id}' of {typeof(T).FullName} is that of {other.FullName} already: give it another.",
                nameof(T)
            );
        }
    }

    /// <summary>The id of a part's type.</summary>
    internal static string IdOf(Type type)
    {
        var id = type.GetCustomAttribute<SavedPartAttribute>()?.Id;
        if (string.IsNullOrWhiteSpace(id))
        {
            throw new ArgumentException(
                $"{type.FullName} is saved under no id: put [SavedPart(\"your-id\")] on it.",
                nameof(type)
            );
        }
        return id == PartKinds.Network
            ? throw new ArgumentException(
                $"{type.FullName} has the id '{id}', which is that of modules in files: give it another.",
                nameof(type)
            )
            : id;
    }

    /// <summary>A part without contents, to be filled from a file.</summary>
    /// <exception cref="InvalidDataException">No part of that id is known.</exception>
    internal static ISavedPart Empty(string id) =>
        Known.TryGetValue(id, out var type)
            ? (ISavedPart)Shell(type).Invoke(null)
            : throw new InvalidDataException(
                $"The file holds a part '{id}' that this program does not know: call SavedParts.Register for its "
                    + "type first, or use a newer version of the library."
            );

    private static ConstructorInfo Shell(Type type) =>
        type.GetConstructor(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, Type.EmptyTypes)
        ?? throw new ArgumentException(
            $"{type.FullName} has no parameterless constructor to be made from a file by.",
            nameof(type)
        );
}
