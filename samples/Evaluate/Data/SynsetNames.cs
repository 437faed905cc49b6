using static TorchSharp.torch;

namespace Evaluate.Data;

/// <summary>The classes of ImageNet whose names have a vector.</summary>
/// <param name="Classes">Their numbers, int64 <c>[k]</c>.</param>
/// <param name="Vectors">The vectors of their names <c>[k, d]</c>.</param>
internal sealed record SynsetNames(Tensor Classes, Tensor Vectors)
{
    /// <summary>Reads a file of lines such as <c>n01440764 tench, Tinca tinca</c>.</summary>
    public static SynsetNames Read(string path, WordVectors words)
    {
        var named = File.ReadLines(path)
            .Select((line, number) => (Number: (long)number, Vector: Vector(line, words)))
            .Where(entry => entry.Vector is not null)
            .ToList();
        return new SynsetNames(
            tensor(named.Select(entry => entry.Number).ToArray()).DetachFromDisposeScope(),
            tensor(named.SelectMany(entry => entry.Vector!).ToArray()).reshape(named.Count, -1).DetachFromDisposeScope()
        );
    }

    // Of the first name whose every word is known, else of the first whose last word, the noun, is.
    private static float[]? Vector(string line, WordVectors words)
    {
        var names = line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]
            .Split(", ")
            .Select(name => name.Split([' ', '-'], StringSplitOptions.RemoveEmptyEntries))
            .ToList();
        return names.Select(words.Mean).FirstOrDefault(vector => vector is not null)
            ?? names.Select(name => words.Mean([name[^1]])).FirstOrDefault(vector => vector is not null);
    }
}
