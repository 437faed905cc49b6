using TransferLearning.ZeroShot;

namespace TransferLearning.Tests.Support;

/// <summary>
/// Three made languages of one grammar of meanings: someone does something to someone, now or in the past, each one or
/// many, with a quality or none. A meaning has one sentence in each language, so that a translation is right or wrong.
/// </summary>
/// <remarks>
/// They differ in their words and in how they say the same. E: subject, verb, object; qualities before nouns; many by a
/// suffix; a verb of one subject has an ending, of the past another one. J: subject, object, verb; particles behind
/// nouns say who does it; many by a suffix behind which the particle stands. K: verb, subject, object; tense by a
/// prefix and the subject's number by a suffix of the verb; qualities behind nouns and agreeing in number; many by a
/// prefix; the object has a mark before it.
/// </remarks>
internal static class MadeLanguages
{
    public const int Nouns = 12;
    public const int Verbs = 8;
    public const int Qualities = 6;

    private const int Phrases = Nouns * 2 * (Qualities + 1);

    /// <summary>How many meanings there are.</summary>
    public const int Count = Phrases * Phrases * Verbs * 2;

    /// <summary>Different meanings, drawn.</summary>
    public static int[] Draw(int count, RandomKey key)
    {
        var random = key.Random();
        var drawn = new HashSet<int>();
        while (drawn.Count < count)
        {
            drawn.Add(random.Next(Count));
        }
        return [.. drawn];
    }

    /// <summary>Some meanings in one language and in another.</summary>
    public static TranslationPairs Pairs(string from, string to, IReadOnlyList<int> meanings) =>
        new(from, to, [.. meanings.Select(it => Say(from, it))], [.. meanings.Select(it => Say(to, it))]);

    /// <summary>The sentence of a meaning.</summary>
    public static string Say(string language, int meaning)
    {
        var (rest, isPast) = (meaning / 2, meaning % 2 == 1);
        var (pair, verb) = (rest / Verbs, rest % Verbs);
        var (subject, patient) = (Phrase.Of(pair / Phrases), Phrase.Of(pair % Phrases));
        var (n, v, q) = (Prefix(language, "n"), Prefix(language, "v"), Prefix(language, "q"));
        return Joined(
            language switch
            {
                "E" =>
                [
                    .. Words(subject, "-s"),
                    $"{v}{verb}",
                    isPast ? "-ed" : "",
                    isPast || subject.IsMany ? "" : "-es",
                    .. Words(patient, "-s"),
                ],
                "J" =>
                [
                    .. Words(subject, "-tachi"),
                    "ga",
                    .. Words(patient, "-tachi"),
                    "o",
                    $"{v}{verb}",
                    isPast ? "-ta" : "-ru",
                ],
                "K" =>
                [
                    isPast ? "pa-" : "na-",
                    $"{v}{verb}",
                    subject.IsMany ? "-in" : "-on",
                    .. Behind(subject),
                    "pe",
                    .. Behind(patient),
                ],
                _ => throw new ArgumentException($"there is no language '{language}'", nameof(language)),
            }
        );

        string[] Words(Phrase it, string many) =>
            [it.Quality < 0 ? "" : $"{q}{it.Quality}", $"{n}{it.Noun}", it.IsMany ? many : ""];

        string[] Behind(Phrase it) =>
            [
                it.IsMany ? "mi-" : "",
                $"{n}{it.Noun}",
                it.Quality < 0 ? "" : $"{q}{it.Quality}",
                it.Quality >= 0 && it.IsMany ? "-mi" : "",
            ];
    }

    private static string Prefix(string language, string kind) => $"{language.ToLowerInvariant()}{kind}";

    private static string Joined(IEnumerable<string> words) => string.Join(' ', words.Where(word => word.Length > 0));

    private readonly record struct Phrase(int Noun, bool IsMany, int Quality)
    {
        public static Phrase Of(int number) =>
            new(number / 2 / (Qualities + 1), number % 2 == 1, (number / 2 % (Qualities + 1)) - 1);
    }
}
