using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using TransferLearning.Theory;
using static Contracts.Tests.CompiledCode;

namespace Contracts.Tests;

/// <summary>
/// What is said of a real number, in errors, reports and files, is the same in every culture: 0.5, never 0,5.
/// </summary>
public sealed class CultureTests
{
    private static readonly Assembly[] Libraries =
    [
        typeof(AdaptationBuilder).Assembly,
        typeof(TransferLearning.Vision.Backbone).Assembly,
        typeof(TransferLearning.Onnx.OnnxExtractor).Assembly,
        typeof(TransferLearning.Tabular.Table).Assembly,
        typeof(TransferLearning.Distributed.MpiCommunicator).Assembly,
    ];

    private static readonly Type[] Reals = [typeof(double), typeof(float), typeof(Half), typeof(decimal)];

    // A record's own text of its members is the compiler's.
    [Fact]
    public void EveryText_WritesRealNumbersWithoutTheCulture()
    {
        var faults = Libraries
            .SelectMany(Methods)
            .Where(method => method.Name != "PrintMembers" && FollowsTheCulture(method))
            .Select(method => $"{method.DeclaringType!.FullName}.{method.Name}")
            .Order(StringComparer.Ordinal)
            .ToList();

        Assert.True(faults.Count == 0, string.Join(Environment.NewLine, faults));
    }

    [Fact]
    public void Fault_OfANumber_HasItsPointWhereOthersWriteACommaToo()
    {
        var culture = CultureInfo.CurrentCulture;
        // As in German; where the machine has no cultures, too.
        var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";
        try
        {
            CultureInfo.CurrentCulture = comma;

            var fault = Assert.Throws<ArgumentOutOfRangeException>(() => ProxyADistance.FromError(1.5));

            Assert.Contains("got 1.5.", fault.Message, StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Fact]
    public void Reading_OfSomeCode_TellsWhatFollowsTheCulture()
    {
        string[] told =
        [
            .. typeof(Texts)
                .GetMethods(BindingFlags.Static | BindingFlags.Public)
                .Where(FollowsTheCulture)
                .Select(method => method.Name)
                .Order(StringComparer.Ordinal),
        ];

        Assert.Equal(["Built", "Inner", "Joined", "Plain", "Summed"], told);
    }

    // Interpolated texts are built one inside the other: what is written goes to the last that is not finished.
    private static bool FollowsTheCulture(MethodBase method)
    {
        var open = new Stack<bool>(); // whether each has a culture
        foreach (var called in Called(method))
        {
            if (IsBuilder(called.DeclaringType) && called.IsConstructor)
            {
                open.Push(HasCulture(called));
            }
            else if (IsBuilder(called.DeclaringType) && called.Name == "AppendFormatted")
            {
                if (open.TryPeek(out var hasCulture) && !hasCulture && IsOfReals(called))
                {
                    return true;
                }
            }
            else if (called.Name == "ToStringAndClear" || called.GetParameters().Any(it => IsBuilder(it.ParameterType)))
            {
                open.TryPop(out _);
            }
            else if (called.Name is "Join" or "AppendJoin" && IsOfReals(called))
            {
                return true;
            }
            else if (
                called is { Name: "ToString", DeclaringType: { } type }
                && Reals.Contains(type)
                && !HasCulture(called)
            )
            {
                return true;
            }
        }
        return false;
    }

    private static bool IsBuilder(Type? type)
    {
        var own = type is { IsByRef: true } ? type.GetElementType() : type;
        return own == typeof(DefaultInterpolatedStringHandler)
            || own == typeof(StringBuilder.AppendInterpolatedStringHandler);
    }

    private static bool HasCulture(MethodBase called) =>
        called.GetParameters().Any(it => it.ParameterType == typeof(IFormatProvider));

    private static bool IsOfReals(MethodBase called) =>
        called.IsGenericMethod
        && called.GetGenericArguments() is [var type]
        && Reals.Contains(Nullable.GetUnderlyingType(type) ?? type);

    /// <summary>Texts whose code the reading must tell apart.</summary>
    private static class Texts
    {
        public static string Plain(double number) => $"it is {number:G3}";

        public static string Joined(double[] numbers) => $"they are {string.Join(", ", numbers)}";

        public static string Summed(float number) => "it is " + number;

        public static string Built(double? number) => new StringBuilder().Append($"it is {number}").ToString();

        public static string Inner(double number, bool isSaid) =>
            string.Create(CultureInfo.InvariantCulture, $"it is {(isSaid ? $"about {number}" : "unsaid")} or {number}");

        public static string Whole(long number) => $"it is {number}";

        public static string Invariant(double number, string what) =>
            string.Create(CultureInfo.InvariantCulture, $"{$"{what}s"} are {number}");

        public static string Spelled(double number) => $"it is {number.ToString("G3", CultureInfo.InvariantCulture)}";
    }
}
