using System.Runtime.InteropServices;

namespace DigitAdaptation;

/// <summary>
/// libtorch's threads spin while they wait for each other, which makes a training many times slower as soon as another
/// program wants a core. They sleep instead where <c>OMP_WAIT_POLICY</c> says so when libtorch is loaded.
/// </summary>
internal static partial class WaitingThreads
{
    /// <summary>Asks for sleeping, unless the environment says something else. To be called before libtorch is loaded.</summary>
    /// <remarks>.NET's own <see cref="Environment.SetEnvironmentVariable(string, string?)"/> does not reach native libraries on Linux.</remarks>
    public static void Sleep()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetEnvironment("OMP_WAIT_POLICY", "PASSIVE", overwrite: 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
