using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace TorchSharp.SystemLibTorch.Tests.Conformance;

/// <summary>Writes an assembly's public and protected surface in the line format of torchsharp-0.107.0-api.txt.</summary>
internal sealed class ApiListing
{
    private const BindingFlags Declared =
        BindingFlags.Public
        | BindingFlags.NonPublic
        | BindingFlags.Instance
        | BindingFlags.Static
        | BindingFlags.DeclaredOnly;

    private readonly NullabilityInfoContext nullability = new();

    /// <summary>One line a type, without its bases, and the bases apart.</summary>
    public static IEnumerable<(string Head, List<string> Bases)> Types(Assembly assembly) =>
        Visible(assembly).Select(type => ($"T {Name(type)} :: {Kind(type)}", Bases(type)));

    public IEnumerable<string> Members(Assembly assembly) => Visible(assembly).SelectMany(Members);

    private static IEnumerable<Type> Visible(Assembly assembly) => assembly.GetTypes().Where(IsVisible);

    private static bool IsVisible(Type type) =>
        type.IsNested
            ? (type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem) && IsVisible(type.DeclaringType!)
            : type.IsPublic;

    private IEnumerable<string> Members(Type type)
    {
        if (typeof(Delegate).IsAssignableFrom(type))
            yield break;
        foreach (
            var field in type.GetFields(Declared)
                .Where(field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly)
        )
            if (!field.IsSpecialName)
                yield return Line(type, field);
        foreach (var constructor in type.GetConstructors(Declared).Where(IsVisible))
            if (!constructor.IsStatic)
                yield return $"M {Name(type)}..ctor({Parameters(constructor)}) :: {Access(constructor)} instance";
        foreach (var property in type.GetProperties(Declared))
            if (
                property.GetAccessors(true).Any(IsVisible)
                && !IsNewOverride(property.GetAccessors(true).First(IsVisible))
            )
                yield return Line(type, property);
        foreach (var method in type.GetMethods(Declared).Where(IsVisible))
            if (
                (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal))
                && !IsNewOverride(method)
            )
                yield return Line(type, method);
    }

    /// <summary>An override is bound through what it overrides: callers cannot tell which class makes it.</summary>
    private static bool IsNewOverride(MethodInfo method) => method.GetBaseDefinition() != method;

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private string Line(Type type, FieldInfo field)
    {
        var value = field.IsLiteral
            ? $" = {(type.IsEnum ? Number(field) : Literal(field.GetRawConstantValue(), field.FieldType))}"
            : "";
        var how = field.IsLiteral
            ? "const"
            : (field.IsStatic ? "static" : "instance") + (field.IsInitOnly ? " readonly" : "");
        var access =
            field.IsPublic ? "public"
            : field.IsFamilyOrAssembly ? "protected internal"
            : "protected";
        return $"F {Name(type)}.{field.Name} : {Typed(field.FieldType, nullability.Create(field), field)}{value} :: {access} {how}";
    }

    private string Line(Type type, PropertyInfo property)
    {
        var accessors = property.GetAccessors(true).Where(IsVisible).ToArray();
        var access = accessors.Any(accessor => accessor.IsPublic) ? "public" : Access(accessors[0]);
        var getter = accessors.Any(accessor => accessor == property.GetMethod) ? "get; " : "";
        var setter = accessors.FirstOrDefault(accessor => accessor == property.SetMethod) is { } set
            ? $"{(set.IsPublic || access != "public" ? "" : Access(set) + " ")}set; "
            : "";
        var index = property.GetIndexParameters();
        var indices = index.Length > 0 ? $"[{string.Join(", ", index.Select(Declaration))}]" : "";
        return $"P {Name(type)}.{property.Name}{indices} : {Typed(property.PropertyType, nullability.Create(property), property)} {{ {getter}{setter}}} :: {access} {How(accessors[0])}";
    }

    private string Line(Type type, MethodInfo method)
    {
        var generics = method.IsGenericMethod
            ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>"
            : "";
        var returned = Typed(method.ReturnType, nullability.Create(method.ReturnParameter), method.ReturnParameter);
        return $"M {Name(type)}.{method.Name}{generics}({Parameters(method)}) : {returned}{Constraints(method.IsGenericMethod ? method.GetGenericArguments() : [])} :: {Access(method)} {How(method)}";
    }

    private static string How(MethodInfo method) =>
        method.IsStatic ? "static"
        : method.DeclaringType!.IsInterface ? "instance"
        : method.IsAbstract ? "instance abstract"
        : method.IsVirtual && !method.IsFinal ? "instance virtual"
        : "instance";

    private static string Access(MethodBase method) =>
        method.IsPublic ? "public"
        : method.IsFamilyOrAssembly ? "protected internal"
        : "protected";

    private string Parameters(MethodBase method)
    {
        var extension = method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "";
        return extension + string.Join(", ", method.GetParameters().Select(Declaration));
    }

    private string Declaration(ParameterInfo parameter)
    {
        var prefix =
            parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params "
            : parameter.IsOut ? "out "
            : parameter.ParameterType.IsByRef ? "ref "
            : "";
        var type = parameter.ParameterType.IsByRef
            ? parameter.ParameterType.GetElementType()!
            : parameter.ParameterType;
        var value = parameter.HasDefaultValue ? $" = {Default(parameter, type)}" : "";
        return $"{prefix}{Typed(type, nullability.Create(parameter), parameter)} {parameter.Name}{value}";
    }

    private static string Default(ParameterInfo parameter, Type type) =>
        parameter.RawDefaultValue is null && type.IsValueType && Nullable.GetUnderlyingType(type) is null
            ? "default"
            : Literal(parameter.RawDefaultValue, type);

    private static string Literal(object? value, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (value is not null && type.IsEnum)
            return $"{Name(type)}.{Enum.GetName(type, value)}";
        return value switch
        {
            null => "null",
            bool flag => flag ? "true" : "false",
            string text => $"\"{text}\"",
            char character => $"'{character}'",
            float number => number.ToString("R", CultureInfo.InvariantCulture) + "f",
            double number => number.ToString("R", CultureInfo.InvariantCulture),
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString()!,
        };
    }

    private static string Number(FieldInfo field) =>
        Convert.ToString(field.GetRawConstantValue(), CultureInfo.InvariantCulture)!;

    private static string Kind(Type type)
    {
        var access =
            type.IsPublic || type.IsNestedPublic ? "public"
            : type.IsNestedFamORAssem ? "protected internal"
            : "protected";
        var kind =
            typeof(Delegate).IsAssignableFrom(type) ? "delegate"
            : type.IsEnum ? "enum"
            : type.IsInterface ? "interface"
            : type.IsValueType
                ? type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly struct"
                    : "struct"
            : type is { IsAbstract: true, IsSealed: true } ? "static class"
            : type.IsAbstract ? "abstract class"
            : type.IsSealed ? "sealed class"
            : "class";
        return $"{access} {kind}{Constraints(type.GetGenericArguments().Except(type.DeclaringType?.GetGenericArguments() ?? []))}";
    }

    private static List<string> Bases(Type type)
    {
        if (type.IsEnum)
            return [Name(Enum.GetUnderlyingType(type))];
        if (typeof(Delegate).IsAssignableFrom(type))
            return [];
        var bases = type.GetInterfaces().Select(Name).ToList();
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType))
            bases.Insert(0, Name(parent));
        return bases;
    }

    private static string Constraints(IEnumerable<Type> arguments)
    {
        var text = "";
        foreach (var argument in arguments)
        {
            var flags = argument.GenericParameterAttributes;
            var parts = new List<string>();
            var unmanaged = argument.CustomAttributes.Any(attribute =>
                attribute.AttributeType.Name == "IsUnmanagedAttribute"
            );
            var isStruct = flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
            if (unmanaged)
                parts.Add("unmanaged");
            else if (isStruct)
                parts.Add("struct");
            if (flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
                parts.Add("class");
            parts.AddRange(
                argument
                    .GetGenericParameterConstraints()
                    .Where(constraint => constraint != typeof(ValueType))
                    .Select(Name)
            );
            if (flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) && !isStruct)
                parts.Add("new()");
            if (parts.Count > 0)
                text += $" where {argument.Name} : {string.Join(", ", parts)}";
        }
        return text;
    }

    /// <summary>A type with its nullable marks and the names of tuple elements.</summary>
    private static string Typed(Type type, NullabilityInfo info, ICustomAttributeProvider source)
    {
        var names = source.GetCustomAttributes(typeof(TupleElementNamesAttribute), false)
            is [TupleElementNamesAttribute given, ..]
            ? given.TransformNames
            : null;
        var place = 0;
        return Typed(type, info, names, ref place);
    }

    private static string Typed(Type type, NullabilityInfo? info, IList<string?>? names, ref int place)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
            return Typed(inner, info is { GenericTypeArguments: [var only, ..] } ? only : null, names, ref place) + "?";
        var mark =
            !type.IsValueType && info?.ReadState == NullabilityState.Nullable && !type.IsGenericParameter ? "?" : "";
        if (type.IsArray)
            return $"{Typed(type.GetElementType()!, info?.ElementType, names, ref place)}[{new string(',', type.GetArrayRank() - 1)}]{mark}";
        if (
            type.IsGenericType
            && type.FullName?.StartsWith("System.ValueTuple`", StringComparison.Ordinal) != false
            && type.Namespace == "System"
            && type.Name.StartsWith("ValueTuple`", StringComparison.Ordinal)
        )
        {
            var arguments = type.GetGenericArguments();
            var own = place;
            place += arguments.Length;
            var items = new List<string>();
            for (var i = 0; i < arguments.Length; i++)
            {
                var name = names is not null && own + i < names.Count && names[own + i] is { } text ? $" {text}" : "";
                items.Add(Typed(arguments[i], Argument(info, i), names, ref place) + name);
            }
            return $"({string.Join(", ", items)})";
        }
        if (!type.IsGenericType)
            return Name(type) + mark;
        var typed = new List<string>();
        for (var i = 0; i < type.GetGenericArguments().Length; i++)
            typed.Add(Typed(type.GetGenericArguments()[i], Argument(info, i), names, ref place));
        return NameWith(type, typed) + mark;
    }

    private static NullabilityInfo? Argument(NullabilityInfo? info, int index) =>
        info is not null && index < info.GenericTypeArguments.Length ? info.GenericTypeArguments[index] : null;

    private static string Name(Type type)
    {
        var place = 0;
        return
            type.IsArray
            || (type.IsGenericType && type.Name.StartsWith("ValueTuple`", StringComparison.Ordinal))
            || Nullable.GetUnderlyingType(type) is not null
            ? Typed(type, null, null, ref place)
            : NameWith(type, type.GetGenericArguments().Select(Name).ToList());
    }

    /// <summary>The full name, each nesting level with its own generic arguments.</summary>
    private static string NameWith(Type type, List<string> arguments)
    {
        if (type.IsGenericParameter)
            return type.Name;
        var outer = type.DeclaringType;
        var outerCount = outer?.GetGenericArguments().Length ?? 0;
        var bare = type.Name.Split('`')[0];
        var prefix = outer is not null ? NameWith(outer, arguments.Take(outerCount).ToList()) : type.Namespace;
        var own = arguments.Skip(outerCount).ToList();
        return $"{prefix}.{bare}{(own.Count > 0 ? $"<{string.Join(", ", own)}>" : "")}";
    }
}
