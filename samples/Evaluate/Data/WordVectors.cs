using Samples.Shared;
using static TorchSharp.torch;

namespace Evaluate.Data;

/// <summary>Vectors of words: an archive of numbers and a file of the words, line by line.</summary>
/// <param name="folder">The folder of both.</param>
internal sealed class WordVectors(string folder)
{
    private readonly Lazy<Dictionary<string, float[]>> known = new(() => Read(folder));

    /// <summary>The mean vector of some words, or null where one is unknown.</summary>
    public float[]? Mean(IReadOnlyList<string> words)
    {
        var vectors = words.Select(Find).OfType<float[]>().ToList();
        return vectors.Count == words.Count && vectors.Count > 0
            ? [.. Enumerable.Range(0, vectors[0].Length).Select(i => vectors.Average(vector => vector[i]))]
            : null;
    }

    /// <summary>The vectors of some words <c>[n, d]</c>, float32.</summary>
    /// <exception cref="InvalidDataException">A word is unknown.</exception>
    public Tensor Of(IReadOnlyList<string> words)
    {
        var vectors = words.Select(word => Mean([word]) ?? throw new InvalidDataException($"no vector of '{word}'."));
        return tensor(vectors.SelectMany(vector => vector).ToArray()).reshape(words.Count, -1);
    }

    private float[]? Find(string word) =>
        known.Value.GetValueOrDefault(word) ?? known.Value.GetValueOrDefault(word.ToLowerInvariant());

    private static Dictionary<string, float[]> Read(string folder)
    {
        var words = File.ReadAllLines(Path.Combine(folder, "words.txt"));
        using var archive = new NumpyArchive(Path.Combine(folder, "glove840b_300d_2052words.npz"));
        var (shape, values) = archive.Read<float>("v");
        return words.Length == shape[0]
            ? words
                .Select((word, row) => (word, vector: values[(row * shape[1])..((row + 1) * shape[1])]))
                .ToDictionary(entry => entry.word, entry => entry.vector, StringComparer.Ordinal)
            : throw new InvalidDataException($"'{folder}' holds {words.Length} words and {shape[0]} vectors.");
    }
}
