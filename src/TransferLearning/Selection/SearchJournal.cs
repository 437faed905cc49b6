using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TransferLearning.Internal;
using TransferLearning.Training;

namespace TransferLearning.Selection;

/// <summary>The finished fits of a search, a line of JSON each, written as soon as they are known.</summary>
internal sealed class SearchJournal
{
    private static readonly JsonSerializerOptions Json = new()
    {
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };
    private readonly string? path;
    private readonly int scores;
    private readonly List<SearchedFit> fits = [];
    private readonly Lock writing = new();

    /// <summary>Opens a journal, or none.</summary>
    /// <param name="path">The file; null for none.</param>
    /// <param name="names">The names of the values of a fit.</param>
    /// <param name="scores">What gives the values.</param>
    /// <param name="domains">The domains of all fits.</param>
    /// <param name="options">The options of all fits.</param>
    public SearchJournal(
        string? path,
        IReadOnlyList<string> names,
        IReadOnlyList<IModelScore> scores,
        DomainSet domains,
        FitOptions options
    )
    {
        (this.path, this.scores) = (path, names.Count);
        if (path is null)
        {
            return;
        }
        var head = JsonSerializer.Serialize(
            new Head(
                names,
                [.. domains.Sources.Select(source => source.Count), domains.Target.Count],
                domains.Space.ToString(),
                Print(scores, domains, options)
            ),
            Json
        );
        var lines = File.Exists(path) ? File.ReadAllLines(path) : [];
        // A kill may have cut off the first line, too.
        var isCut = lines.Length == 1 && head.StartsWith(lines[0], StringComparison.Ordinal);
        if (lines.Length > 0 && lines[0] != head && !isCut)
        {
            throw new InvalidDataException(
                $"'{path}' is the journal of another search: {lines[0]}; this one is {head}. Name another file."
            );
        }
        // A line that a kill has cut off is done again.
        fits.AddRange(lines.Skip(1).Select(Read).OfType<SearchedFit>().Where(IsWhole));
        // Beside it first: a kill while it is written must not cost the finished fits.
        var unfinished = path + StateFile.Unfinished;
        File.WriteAllLines(unfinished, [head, .. fits.Select(fit => JsonSerializer.Serialize(fit, Json))]);
        File.Move(unfinished, path, overwrite: true);
    }

    public SearchedFit? Find(string candidate, long seed, double share) =>
        fits.Find(fit => fit.Candidate == candidate && fit.Seed == seed && fit.Share.Equals(share));

    public void Add(SearchedFit fit)
    {
        if (path is null)
        {
            return;
        }
        lock (writing)
        {
            File.AppendAllText(path, JsonSerializer.Serialize(fit, Json) + "\n");
        }
    }

    private static SearchedFit? Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<SearchedFit>(line, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Of the scores' settings and held-out rows, of the domains' rows, labels and weights, and of the options but for
    // the seed.
    private static string Print(IReadOnlyList<IModelScore> scores, DomainSet domains, FitOptions options)
    {
        var print = Fingerprint.Of([], domains, options) + Fingerprint.Of(scores);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(print)))[..12];
    }

    private bool IsWhole(SearchedFit fit) =>
        fit.Candidate is not null && (fit.Fault is not null || fit.Values?.Count == scores);

    private sealed record Head(IReadOnlyList<string> Scores, IReadOnlyList<long> Rows, string Labels, string Data);
}
