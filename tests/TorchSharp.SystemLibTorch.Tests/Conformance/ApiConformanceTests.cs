using System.IO.Compression;
using System.Reflection;

namespace TorchSharp.SystemLibTorch.Tests.Conformance;

/// <summary>Everything public in our assembly has to be TorchSharp's, to the last parameter name.</summary>
public class ApiConformanceTests
{
    private static readonly Assembly Binding = typeof(torch).Assembly;
    private static readonly IReadOnlySet<string> Original = Read();

    [Fact]
    public void Assembly_ByItself_BindsWhereTorchSharpDoes()
    {
        var name = Binding.GetName();
        Assert.Equal("TorchSharp", name.Name);
        Assert.True(name.Version >= new Version(0, 107, 0, 0));
    }

    [Fact]
    public void Members_AllOfThem_AreTorchSharps()
    {
        var foreign = new ApiListing()
            .Members(Binding)
            .Where(line => !Original.Contains(line))
            .Order(StringComparer.Ordinal)
            .ToList();
        Assert.True(
            foreign.Count == 0,
            $"{foreign.Count} members that TorchSharp does not have:\n{string.Join('\n', foreign)}"
        );
    }

    [Fact]
    public void Types_AllOfThem_AreTorchSharpsWithNoMoreBases()
    {
        var foreign = new List<string>();
        foreach (var (head, bases) in ApiListing.Types(Binding))
        {
            var (name, kind) = Split(head);
            var original = Original.FirstOrDefault(line => line.StartsWith(name + " :: ", StringComparison.Ordinal));
            if (original is null || !SameKind(original, name, kind))
                foreign.Add(head);
            else
                foreign.AddRange(
                    bases
                        .Where(parent => !original.Contains(parent, StringComparison.Ordinal))
                        .Select(parent => $"{head} has the base {parent}")
                );
        }
        Assert.True(
            foreign.Count == 0,
            $"{foreign.Count} types that TorchSharp does not have:\n{string.Join('\n', foreign)}"
        );
    }

    private static (string Name, string Kind) Split(string head)
    {
        var cut = head.IndexOf(" :: ", StringComparison.Ordinal);
        return (head[..cut], head[(cut + 4)..]);
    }

    /// <summary>The list puts a type's bases between its kind and its constraints.</summary>
    private static bool SameKind(string original, string name, string kind)
    {
        var theirs = original[(name.Length + 4)..];
        var constraints = theirs.IndexOf(" where ", StringComparison.Ordinal);
        var head = constraints < 0 ? theirs : theirs[..constraints];
        var bases = head.IndexOf(" : ", StringComparison.Ordinal);
        return kind == (bases < 0 ? head : head[..bases]) + (constraints < 0 ? "" : theirs[constraints..]);
    }

    /// <summary>TorchSharp's list, with the marks of obsolete members and of overrides taken off.</summary>
    private static HashSet<string> Read()
    {
        using var stream = typeof(ApiConformanceTests).Assembly.GetManifestResourceStream("api.txt.gz")!;
        using var reader = new StreamReader(new GZipStream(stream, CompressionMode.Decompress));
        return reader
            .ReadToEnd()
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Replace(" [Obsolete]", "", StringComparison.Ordinal))
            .ToHashSet(StringComparer.Ordinal);
    }
}
