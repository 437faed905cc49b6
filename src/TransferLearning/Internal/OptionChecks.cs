using System.Reflection;
using System.Runtime.CompilerServices;

namespace TransferLearning.Internal;

/// <summary>
/// Reads options and their legal numbers by reflection, of a description and of all that stands inside it.
/// </summary>
internal static class OptionChecks
{
    private const BindingFlags Own =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly ConditionalWeakTable<Type, Members> Known = [];

    /// <summary>The faults of an object's own options.</summary>
    public static IEnumerable<(PropertyInfo Option, object? Value, string Message)> Faults(object owner)
    {
        foreach (var (option, range) in Of(owner).Options)
        {
            var value = option.GetValue(owner);
            if (range.Fault(option.Name, value) is { } message)
            {
                yield return (option, value, message);
            }
        }
    }

    /// <summary>An object and every description inside it, each once, outer ones first.</summary>
    public static IEnumerable<object> Inside(object root)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var open = new Stack<object>([root]);
        while (open.TryPop(out var next))
        {
            if (!seen.Add(next))
            {
                continue;
            }
            yield return next;
            foreach (var inner in Inner(next).Reverse())
            {
                open.Push(inner);
            }
        }
    }

    /// <summary>What an object's own fields hold, the items of lists one by one.</summary>
    public static IEnumerable<object> Held(object owner) =>
        Of(owner)
            .Fields.Select(field => field.GetValue(owner))
            .SelectMany(value => value is IReadOnlyList<object> items ? items : [value!])
            .Where(value => value is not null);

    private static IEnumerable<object> Inner(object owner)
    {
        var parts = owner switch
        {
            IAdaptationStage stage => stage.Parts,
            IObjective objective => objective.Parts,
            _ => [],
        };
        var inner = owner is IComposite composite ? composite.Inner : [];
        return Held(owner).Concat(parts).Concat(inner).Where(value => value is IPlanned or IComposite);
    }

    private static Members Of(object owner) => Known.GetValue(owner.GetType(), Members.Of);

    private sealed record Members(
        IReadOnlyList<(PropertyInfo Property, OptionRangeAttribute Range)> Options,
        IReadOnlyList<FieldInfo> Fields
    )
    {
        public static Members Of(Type type)
        {
            var (options, fields) = (new List<(PropertyInfo, OptionRangeAttribute)>(), new List<FieldInfo>());
            for (var at = type; at is not null && at != typeof(object); at = at.BaseType)
            {
                foreach (var property in at.GetProperties(Own))
                {
                    if (property.GetCustomAttribute<OptionRangeAttribute>() is { } range)
                    {
                        options.Add((property, range));
                    }
                }
                fields.AddRange(at.GetFields(Own).Where(field => !field.FieldType.IsValueType));
            }
            return new Members(options, fields);
        }
    }
}
