using System.Globalization;

namespace TransferLearning.Internal;

/// <summary>How many bytes this process may still take.</summary>
internal static class MemoryAtHand
{
    private const string Group = "/sys/fs/cgroup";

    /// <summary>The least of what the system has available and what the container's limit leaves.</summary>
    public static long Bytes() => Math.Min(OfSystem(), OfContainer());

    private static long OfSystem()
    {
        if (File.Exists("/proc/meminfo"))
        {
            foreach (var line in File.ReadLines("/proc/meminfo"))
            {
                if (line.StartsWith("MemAvailable:", StringComparison.Ordinal))
                {
                    return long.Parse(line.Split(' ')[^2], CultureInfo.InvariantCulture) * 1024;
                }
            }
        }
        var info = GC.GetGCMemoryInfo();
        return Math.Max(0, info.TotalAvailableMemoryBytes - info.MemoryLoadBytes);
    }

    // The files of control groups, version 2 and then 1; caches that the kernel would drop do not count.
    private static long OfContainer()
    {
        var (limit, used, cache) = (
            Number($"{Group}/memory.max"),
            Number($"{Group}/memory.current"),
            Entry($"{Group}/memory.stat", "inactive_file")
        );
        if (limit is null)
        {
            (limit, used, cache) = (
                Number($"{Group}/memory/memory.limit_in_bytes"),
                Number($"{Group}/memory/memory.usage_in_bytes"),
                Entry($"{Group}/memory/memory.stat", "total_inactive_file")
            );
        }
        return limit is null ? long.MaxValue : Math.Max(0, limit.Value - (used ?? 0) + (cache ?? 0));
    }

    private static long? Number(string file) =>
        File.Exists(file)
        && long.TryParse(File.ReadAllText(file).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;

    private static long? Entry(string file, string name)
    {
        var line = File.Exists(file)
            ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name + " ", StringComparison.Ordinal))
            : null;
        return line is null ? null : long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }
}
