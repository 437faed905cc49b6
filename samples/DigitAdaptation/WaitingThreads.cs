using System.Runtime.InteropServices;

namespace DigitAdaptation;

/// <summary>
/// libtorch's threads spin while they wait for each other, which makes a training many times slower as soon as another
/// program wants a core. A training of digits that takes 12 seconds on two quiet cores takes 87 beside two busy
/// programs.
/// </summary>
/// <remarks>
/// Sleeping at once (<c>OMP_WAIT_POLICY=PASSIVE</c>) costs half as much again where nothing else runs: 17 seconds, and
/// 20 beside the two programs. A short spin before the sleep has most of both: 13 and 28.
/// </remarks>
internal static partial class WaitingThreads
{
    /// <summary>How often a thread looks whether it is its turn before it sleeps.</summary>
    private const string Spins = "1000";

    /// <summary>
    /// Asks for sleeping after a short spin, unless the environment says something else. To be called before libtorch
    /// is loaded.
    /// </summary>
    /// <remarks>
    /// .NET's own <see cref="Environment.SetEnvironmentVariable(string, string?)"/> does not reach native libraries on
    /// Linux.
    /// </remarks>
    public static void SleepSoon()
    {
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
        {
            _ = SetEnvironment("GOMP_SPINCOUNT", Spins, overwrite: 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
