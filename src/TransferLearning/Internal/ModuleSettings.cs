using System.Globalization;
using System.Reflection;
using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>What of a module its parameters do not tell: strides, paddings, slopes, probabilities.</summary>
internal static class ModuleSettings
{
    /// <summary>
    /// The module's type, and of TorchSharp's own layers their public numbers, flags and choices by name: what others
    /// tell may be computed, or change.
    /// </summary>
    public static string Of(nn.Module module)
    {
        var settings = module
            .GetType()
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property =>
                property.CanRead
                && property.GetIndexParameters().Length == 0
                && property.DeclaringType != typeof(nn.Module)
                && property.DeclaringType?.Assembly == typeof(nn.Module).Assembly
                && IsSetting(property.PropertyType)
            )
            .OrderBy(property => property.Name, StringComparer.Ordinal)
            .Select(property => $"{property.Name} {Text(property.GetValue(module))}");
        return string.Join(", ", settings.Prepend(module.GetType().FullName));
    }

    private static bool IsSetting(Type type)
    {
        var own = Nullable.GetUnderlyingType(type) ?? type;
        return own.IsEnum || own == typeof(long[]) || (own.IsPrimitive && own != typeof(IntPtr));
    }

    private static string Text(object? value) =>
        value is long[] many ? string.Join(' ', many) : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}
