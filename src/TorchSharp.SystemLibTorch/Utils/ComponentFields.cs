using System.Collections.Concurrent;
using System.Reflection;

namespace TorchSharp.Utils;

/// <summary>The fields of a module's class and its bases below <see cref="torch.nn.Module"/>, most derived first.</summary>
internal static class ComponentFields
{
    private static readonly ConcurrentDictionary<Type, FieldInfo[]> Cache = new();

    internal static FieldInfo[] Of(torch.nn.Module module) => Cache.GetOrAdd(module.GetType(), Collect);

    internal static string ComponentName(this FieldInfo field) =>
        field.GetCustomAttribute<ComponentNameAttribute>()?.Name ?? field.Name;

    private static FieldInfo[] Collect(Type type)
    {
        const BindingFlags Declared =
            BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var fields = new List<FieldInfo>();
        for (var level = type; level is not null && level != typeof(torch.nn.Module); level = level.BaseType)
        {
            fields.AddRange(level.GetFields(Declared).Where(MayHoldComponent));
        }
        return [.. fields];
    }

    private static bool MayHoldComponent(FieldInfo field) =>
        !field.FieldType.IsValueType
        && field.FieldType != typeof(string)
        && !field.FieldType.IsAssignableTo(typeof(Delegate));
}
