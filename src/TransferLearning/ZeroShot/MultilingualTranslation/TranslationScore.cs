using System.Globalization;
using TransferLearning.Internal;

namespace TransferLearning.ZeroShot;

/// <summary>How good translations are.</summary>
/// <param name="Exact">The share of sentences that are the reference, token for token.</param>
/// <param name="Lower">The lower end of the exact share's interval (Wilson 1927).</param>
/// <param name="Upper">The upper end of the interval.</param>
/// <param name="TokenAccuracy">The share of the references' tokens that the translation has at the same place.</param>
/// <param name="Bleu">
/// BLEU over all sentences together, from 0 to 1: the geometric mean of the shares of runs of one to four tokens that
/// the reference has too, each run counted as often as there at most, times <c>min(1, exp(1 - r / c))</c> for c tokens
/// where the references have r (Papineni, Roukos, Ward and Zhu 2002). Lengths of runs of which no translation has one
/// are left out.
/// </param>
/// <param name="Count">How many sentences there were.</param>
public readonly record struct TranslationScore(
    double Exact,
    double Lower,
    double Upper,
    double TokenAccuracy,
    double Bleu,
    long Count
)
{
    private const int LongestRun = 4;

    /// <summary>The score of translations against one reference each.</summary>
    /// <param name="translations">The translations; one may be empty.</param>
    /// <param name="references">What they should be, as many.</param>
    /// <param name="confidence">The confidence of the interval, from 0 to 1. Default 0.95.</param>
    /// <exception cref="ArgumentException">There is none, or the counts differ.</exception>
    public static TranslationScore Of(
        IReadOnlyList<string> translations,
        IReadOnlyList<string> references,
        double confidence = 0.95
    )
    {
        ArgumentNullException.ThrowIfNull(translations);
        ArgumentNullException.ThrowIfNull(references);
        if (translations.Count == 0 || translations.Count != references.Count)
        {
            throw new ArgumentException(
                $"translations must be as many as the references, at least one; got {translations.Count} and "
                    + $"{references.Count}.",
                nameof(translations)
            );
        }
        Words.Checked(references, nameof(references));
        string[][] made = [.. translations.Select(Words.Split)];
        string[][] right = [.. references.Select(Words.Split)];
        var exact = made.Zip(right).Count(pair => pair.First.SequenceEqual(pair.Second, StringComparer.Ordinal));
        var same = made.Zip(right).Sum(pair => pair.First.Zip(pair.Second).Count(it => it.First == it.Second));
        var (lower, upper) = WilsonInterval.Of(exact, made.Length, confidence);
        return new TranslationScore(
            (double)exact / made.Length,
            lower,
            upper,
            (double)same / right.Sum(sentence => sentence.Length),
            BleuOf(made, right),
            made.Length
        );
    }

    /// <inheritdoc />
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{100 * Exact:F1}% [{100 * Lower:F1}, {100 * Upper:F1}] exact, {100 * TokenAccuracy:F1}% of tokens, "
                + $"BLEU {100 * Bleu:F1}, of {Count}"
        );

    private static double BleuOf(string[][] made, string[][] right)
    {
        var (sum, lengths) = (0.0, 0);
        for (var length = 1; length <= LongestRun; length++)
        {
            var (hits, all) = (0, 0);
            for (var i = 0; i < made.Length; i++)
            {
                var there = Runs(right[i], length);
                foreach (var (run, count) in Runs(made[i], length))
                {
                    all += count;
                    hits += Math.Min(count, there.GetValueOrDefault(run));
                }
            }
            if (all > 0)
            {
                (sum, lengths) = (sum + Math.Log((double)hits / all), lengths + 1);
            }
        }
        var (c, r) = (made.Sum(sentence => sentence.Length), right.Sum(sentence => sentence.Length));
        return lengths == 0 ? 0 : Math.Exp((sum / lengths) + Math.Min(0, 1 - ((double)r / c)));
    }

    private static Dictionary<string, int> Runs(string[] sentence, int length) =>
        Enumerable
            .Range(0, Math.Max(0, sentence.Length - length + 1))
            .Select(start => string.Join(' ', sentence.AsSpan(start, length)))
            .CountBy(run => run, StringComparer.Ordinal)
            .ToDictionary(StringComparer.Ordinal);
}
