using System.Reflection;

namespace TransferLearning.Internal;

/// <summary>Names of part types in files, and parts made from such names.</summary>
internal static class PartKinds
{
    public const string Network = "network";

    public static string NameOf(ISavedPart part)
    {
        var type = part.GetType();
        return $"{type.FullName}, {type.Assembly.GetName().Name}";
    }

    public static ISavedPart Create(string kind, StateBag state)
    {
        // Only types that declare themselves rebuildable are ever instantiated from a file.
        var type = Type.GetType(kind, throwOnError: false);
        if (type is null || !typeof(ISavedPart).IsAssignableFrom(type) || type.IsAbstract)
        {
            throw new InvalidDataException(
                $"The file holds a part of type '{kind}', which is not a saved part known to this program: reference the assembly that defines it."
            );
        }
        const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        var shell =
            type.GetConstructor(Any, Type.EmptyTypes)
            ?? throw new InvalidDataException(
                $"The part type '{kind}' has no parameterless constructor to be rebuilt by."
            );
        var part = (ISavedPart)shell.Invoke(null);
        part.Exchange(state);
        return part;
    }

    public static T As<T>(object part, string kind)
        where T : class =>
        part as T ?? throw new InvalidDataException($"The file holds a '{kind}' where a {typeof(T).Name} is expected.");
}
