using System.Diagnostics;
using System.Reflection;
using BenchmarkDotNet.Attributes;

namespace TransferLearning.Benchmarks;

/// <summary>Runs every benchmark of the suites once, in this process, so that none of them is found broken later.</summary>
internal static class SuiteCheck
{
    /// <summary>Runs them, the smallest parameters first, and prints a line for each class.</summary>
    /// <returns>How many benchmarks ran.</returns>
    public static int Run(TextWriter output)
    {
        var count = 0;
        foreach (var type in Suites())
        {
            var clock = Stopwatch.StartNew();
            var suite = Activator.CreateInstance(type)!;
            foreach (var property in type.GetProperties())
            {
                if (property.GetCustomAttribute<ParamsAttribute>() is { Values: [var smallest, ..] })
                {
                    property.SetValue(suite, smallest);
                }
            }
            var before = count;
            Call<GlobalSetupAttribute>(suite);
            count += Call<BenchmarkAttribute>(suite);
            Call<GlobalCleanupAttribute>(suite);
            output.WriteLine(
                FormattableString.Invariant($"{type.Name}: {count - before} ran in {clock.Elapsed.TotalSeconds:F1} s")
            );
        }
        return count;
    }

    /// <summary>The classes of benchmarks, in the order of their names.</summary>
    public static IEnumerable<Type> Suites() =>
        typeof(SuiteCheck)
            .Assembly.GetExportedTypes()
            .Where(type => Array.Exists(type.GetMethods(), Has<BenchmarkAttribute>))
            .OrderBy(type => type.Name, StringComparer.Ordinal);

    private static int Call<T>(object suite)
        where T : Attribute
    {
        var methods = Array.FindAll(suite.GetType().GetMethods(), Has<T>);
        foreach (var method in methods)
        {
            // What a benchmark throws is told as it is.
            _ = method.Invoke(suite, BindingFlags.DoNotWrapExceptions, binder: null, parameters: null, culture: null);
        }
        return methods.Length;
    }

    private static bool Has<T>(MethodInfo method)
        where T : Attribute => method.GetCustomAttribute<T>() is not null;
}
