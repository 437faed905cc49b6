namespace TransferLearning.ZeroShot;

/// <summary>Sentences of one language and what they mean in another one: one direction of a translation.</summary>
/// <remarks>
/// A sentence is its tokens, words or pieces of words, with blanks between them. The pairs in the other direction are
/// pairs of their own (<see cref="Reversed"/>).
/// </remarks>
public sealed class TranslationPairs
{
    /// <summary>Takes pairs of sentences.</summary>
    /// <param name="from">The language of the sources, a name without blanks.</param>
    /// <param name="to">The language of the targets, another one.</param>
    /// <param name="sources">The sentences to translate, at least one.</param>
    /// <param name="targets">Their translations, in the same order.</param>
    /// <exception cref="ArgumentException">
    /// A name or sentence has no token, the languages are one, or the counts differ.
    /// </exception>
    public TranslationPairs(string from, string to, IReadOnlyList<string> sources, IReadOnlyList<string> targets)
    {
        (From, To) = (Name(from, nameof(from)), Name(to, nameof(to)));
        if (From == To)
        {
            throw new ArgumentException($"to must be another language than from; both are '{to}'.", nameof(to));
        }
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(targets);
        if (sources.Count == 0 || sources.Count != targets.Count)
        {
            throw new ArgumentException(
                $"targets must be as many as the sources, at least one; got {sources.Count} source(s) and "
                    + $"{targets.Count} target(s).",
                nameof(targets)
            );
        }
        Words.Checked(sources, nameof(sources));
        Words.Checked(targets, nameof(targets));
        (Sources, Targets) = ([.. sources], [.. targets]);
    }

    /// <summary>The language of the sources.</summary>
    public string From { get; }

    /// <summary>The language of the targets.</summary>
    public string To { get; }

    /// <summary>The sentences to translate.</summary>
    public IReadOnlyList<string> Sources { get; }

    /// <summary>Their translations, in the same order.</summary>
    public IReadOnlyList<string> Targets { get; }

    /// <summary>The same pairs in the other direction.</summary>
    public TranslationPairs Reversed() => new(To, From, Targets, Sources);

    private static string Name(string language, string name)
    {
        ArgumentNullException.ThrowIfNull(language, name);
        return language.Length > 0 && !language.Any(char.IsWhiteSpace)
            ? language
            : throw new ArgumentException($"{name} must be a language's name without blanks; got '{language}'.", name);
    }
}
