using System.Diagnostics;
using System.Reflection;
using TransferLearning.Tests.Guards;

namespace TransferLearning.Tests.Support;

/// <summary>Programs of <c>tests/programs</c> that tests start.</summary>
internal static class RepositoryProgram
{
    /// <summary>Where a program lies that was built with these tests.</summary>
    public static string PathOf(string name)
    {
        var configuration = typeof(RepositoryProgram)
            .Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!
            .Configuration;
        return Repository.Path("tests", "programs", name, "bin", configuration, "net10.0", $"{name}.dll");
    }

    /// <summary>Starts a program, whose output is read.</summary>
    public static Process Start(string name, params IEnumerable<string> arguments) =>
        Process.Start(
            new ProcessStartInfo("dotnet", [PathOf(name), .. arguments])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
            }
        )!;
}
