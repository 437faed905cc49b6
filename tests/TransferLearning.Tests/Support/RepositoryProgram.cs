using System.Diagnostics;
using System.Reflection;
using TransferLearning.Tests.Guards;

namespace TransferLearning.Tests.Support;

/// <summary>Programs of <c>tests/programs</c> that tests start.</summary>
internal static class RepositoryProgram
{
    /// <summary>Starts a program, whose output is read.</summary>
    public static Process Start(string name, params IEnumerable<string> arguments)
    {
        var configuration = typeof(RepositoryProgram)
            .Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!
            .Configuration;
        var program = Repository.Path("tests", "programs", name, "bin", configuration, "net10.0", $"{name}.dll");
        return Process.Start(
            new ProcessStartInfo("dotnet", [program, .. arguments])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
            }
        )!;
    }
}
