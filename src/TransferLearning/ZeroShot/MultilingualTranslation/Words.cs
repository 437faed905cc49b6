using static TorchSharp.torch;

namespace TransferLearning.ZeroShot;

/// <summary>
/// The numbers of a network's tokens: padding, the start of a translation, the languages to translate into, the end of
/// a sentence, and the words in the order of their characters.
/// </summary>
internal sealed class Words
{
    /// <summary>What fills the rows of shorter sentences.</summary>
    public const long Padding = 0;

    // What a translation starts from that names no language.
    private const long Plain = 1;
    private const long FirstLanguage = 2;

    private readonly Dictionary<string, long> numbers = new(StringComparer.Ordinal);
    private readonly string[] languages;
    private readonly string[] words;

    public Words(IEnumerable<string> languages, IEnumerable<string> words)
    {
        this.languages = [.. languages.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        this.words = [.. words.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        for (var i = 0; i < this.words.Length; i++)
        {
            numbers[this.words[i]] = End + 1 + i;
        }
    }

    public IReadOnlyList<string> Languages => languages;

    public IReadOnlyList<string> All => words;

    /// <summary>What ends a sentence; this number and those above it make up translations.</summary>
    public long End => FirstLanguage + languages.Length;

    public long Count => End + 1 + words.Length;

    /// <summary>The tokens of a sentence.</summary>
    public static string[] Split(string sentence) =>
        sentence.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Every sentence must be there and have a token.</summary>
    public static void Checked(IReadOnlyList<string> sentences, string name)
    {
        for (var i = 0; i < sentences.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(sentences[i]))
            {
                throw new ArgumentException($"{name}[{i}] must hold at least one token; it is empty.", name);
            }
        }
    }

    /// <summary>The language's token.</summary>
    public long Language(string language, string name)
    {
        ArgumentNullException.ThrowIfNull(language, name);
        var place = Array.IndexOf(languages, language);
        return place >= 0
            ? FirstLanguage + place
            : throw new ArgumentException(
                $"{name} must be a language of the fit, one of [{string.Join(", ", languages)}]; got '{language}'.",
                name
            );
    }

    /// <summary>A source: the language to translate into, where it is named here, the words, the end.</summary>
    public long[] Source(string sentence, long language, LanguageMark mark, string name) =>
        mark is LanguageMark.Source or LanguageMark.Both
            ? [language, .. Numbers(sentence, name), End]
            : [.. Numbers(sentence, name), End];

    /// <summary>A target: the token that it starts from, the words, the end.</summary>
    public long[] Target(string sentence, long language, LanguageMark mark, string name) =>
        [Start(language, mark), .. Numbers(sentence, name), End];

    /// <summary>What a translation starts from: its language, where it is named here.</summary>
    public static long Start(long language, LanguageMark mark) =>
        mark is LanguageMark.Translation or LanguageMark.Both ? language : Plain;

    /// <summary>The words of some numbers, up to the end.</summary>
    public string Sentence(IEnumerable<long> tokens) =>
        string.Join(' ', tokens.TakeWhile(token => token != End).Select(token => words[token - End - 1]));

    /// <summary>Rows <c>[n, longest]</c>, int64, filled up by padding. Opens no scope.</summary>
    public static Tensor Rows(IReadOnlyList<long[]> sentences, Device device)
    {
        var width = sentences.Max(sentence => sentence.Length);
        var flat = new long[sentences.Count * width];
        for (var i = 0; i < sentences.Count; i++)
        {
            sentences[i].CopyTo(flat, i * width);
        }
        return tensor(flat, [sentences.Count, width], dtype: int64).to(device);
    }

    private IEnumerable<long> Numbers(string sentence, string name) =>
        Split(sentence)
            .Select(word =>
                numbers.TryGetValue(word, out var number)
                    ? number
                    : throw new ArgumentException(
                        $"{name} must be made of tokens that were seen in the fit; got '{word}' in '{sentence}'. Split "
                            + "rare words into pieces that the fit knows.",
                        name
                    )
            );
}
