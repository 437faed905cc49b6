using System.Diagnostics.CodeAnalysis;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.ZeroShot;

/// <summary>
/// A network that translates between any two of its languages, the result of <see cref="MultilingualTranslation"/>.
/// Several threads may translate by one model.
/// </summary>
public sealed class TranslationModel : IDisposable
{
    private const int Block = 128;

    private readonly MultilingualTranslation description;
    private readonly Words words;
    private readonly long longest;
    private readonly Device device;
    private bool isDisposed;

    internal TranslationModel(MultilingualTranslation description, Words words, long longest, Device device)
    {
        (this.description, this.words, this.longest, this.device) = (description, words, longest, device);
        Network = new TranslationNetwork(
            words.Count,
            description.Width,
            description.Heads,
            description.Layers,
            description.Dropout
        );
        Network.to(device);
    }

    /// <summary>The languages, in the order of their names.</summary>
    public IReadOnlyList<string> Languages => words.Languages;

    /// <summary>The tokens of all languages, in the order of their characters.</summary>
    public IReadOnlyList<string> Tokens => words.All;

    internal TranslationNetwork Network { get; }

    private LanguageMark Mark => description.Mark;

    /// <summary>Translates sentences: of all next tokens always the likeliest (greedy decoding).</summary>
    /// <param name="sentences">Sentences of any of the languages, tokens with blanks between them.</param>
    /// <param name="to">The language to translate into.</param>
    /// <param name="cancellationToken">Ends the work between two tokens.</param>
    /// <returns>
    /// The translations, at most twice as long as the longest target of the fit; longer ones are cut off there.
    /// </returns>
    /// <exception cref="ArgumentException">A token or the language is none of the fit's.</exception>
    /// <exception cref="OperationCanceledException">The work was ended.</exception>
    public IReadOnlyList<string> Translate(
        IReadOnlyList<string> sentences,
        string to,
        CancellationToken cancellationToken = default
    )
    {
        Living();
        ArgumentNullException.ThrowIfNull(sentences);
        Words.Checked(sentences, nameof(sentences));
        var language = words.Language(to, nameof(to));
        long[][] sources = [.. sentences.Select(it => words.Source(it, language, Mark, nameof(sentences)))];
        using var canceling = Canceling.By(cancellationToken);
        var translations = new List<string>(sources.Length);
        foreach (var block in sources.Chunk(Block))
        {
            translations.AddRange(Greedy(block, Words.Start(language, Mark)));
        }
        return translations;
    }

    /// <summary>The score of the translations of a direction's sources.</summary>
    /// <param name="pairs">The direction; it may be one that the fit did not see.</param>
    /// <param name="cancellationToken">Ends the work between two tokens.</param>
    /// <exception cref="ArgumentException">A token or a language is none of the fit's.</exception>
    /// <exception cref="OperationCanceledException">The work was ended.</exception>
    public TranslationScore Score(TranslationPairs pairs, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return TranslationScore.Of(Translate(pairs.Sources, pairs.To, cancellationToken), pairs.Targets);
    }

    /// <summary>
    /// The mean <see cref="TokenCrossEntropy"/> of a direction's targets, each token after the right ones before it.
    /// </summary>
    /// <param name="pairs">The direction; it may be one that the fit did not see.</param>
    /// <param name="cancellationToken">Ends the work between two blocks of sentences.</param>
    /// <exception cref="ArgumentException">A token or a language is none of the fit's.</exception>
    /// <exception cref="OperationCanceledException">The work was ended.</exception>
    public double Loss(TranslationPairs pairs, CancellationToken cancellationToken = default)
    {
        Living();
        ArgumentNullException.ThrowIfNull(pairs);
        var language = words.Language(pairs.To, nameof(pairs));
        long[][] sources = [.. pairs.Sources.Select(it => words.Source(it, language, Mark, nameof(pairs)))];
        long[][] targets = [.. pairs.Targets.Select(it => words.Target(it, language, Mark, nameof(pairs)))];
        using var quiet = no_grad();
        using var canceling = Canceling.By(cancellationToken);
        var (sum, count) = (0.0, 0L);
        for (var start = 0; start < sources.Length; start += Block)
        {
            Canceling.Check();
            using var scope = NewDisposeScope();
            var end = Math.Min(start + Block, sources.Length);
            var tokens = targets[start..end].Sum(target => target.Length - 1L);
            sum += tokens * Loss(sources[start..end], targets[start..end], 0).to(float64).item<double>();
            count += tokens;
        }
        return sum / count;
    }

    /// <summary>Writes the network, its tokens and its languages to one file.</summary>
    /// <param name="path">The file.</param>
    public void Save(string path)
    {
        Living();
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var state = StateBag.ForSaving();
        Describe(state, description, words, longest);
        state.Module("network", Network);
        state.Write(path);
    }

    /// <summary>Reads a file that <see cref="Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <param name="device">Where the network goes; null for the CPU.</param>
    /// <returns>The model; the caller disposes it.</returns>
    /// <exception cref="InvalidDataException">The file holds no such model, or is damaged.</exception>
    [RequiresUnreferencedCode(SavedParts.TrimmingRemovesParts)]
    public static TranslationModel Load(string path, Device? device = null)
    {
        using var state = StateBag.ReadOnto(device ?? CPU, path);
        var (description, words, longest) = Describe(state, new MultilingualTranslation(), new Words([], []), 0);
        TranslationModel model;
        // What the layers begin with is overwritten; the caller's generator stays as it was.
        using (new GlobalRandomness())
        {
            model = new TranslationModel(description, words, longest, device ?? CPU);
        }
        try
        {
            state.Module("network", model.Network);
            model.Network.eval();
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Disposes the network.</summary>
    public void Dispose()
    {
        isDisposed = true;
        Network.Dispose();
    }

    /// <summary>The loss of a batch, a scalar. Opens no scope.</summary>
    internal Tensor Loss(long[][] sources, long[][] targets, double smoothing)
    {
        var (source, target) = (Words.Rows(sources, device), Words.Rows(targets, device));
        var scores = Scores(source, target.narrow(1, 0, target.shape[1] - 1));
        return TokenCrossEntropy.Of(scores, target.narrow(1, 1, target.shape[1] - 1), Words.Padding, smoothing);
    }

    /// <summary>The loss of a training's batch and the encoder's disagreement, a scalar. Opens no scope.</summary>
    internal Tensor Objective(MultilingualTranslation.Example[] batch, double smoothing, double agreement)
    {
        var source = Words.Rows([.. batch.Select(it => it.Source)], device);
        var target = Words.Rows([.. batch.Select(it => it.Target)], device);
        var (isToken, length) = (TranslationNetwork.IsToken(source), target.shape[1] - 1);
        var memory = Network.Encode(source, isToken);
        var scores = Network.Decode(target.narrow(1, 0, length), memory, isToken);
        var loss = TokenCrossEntropy.Of(scores, target.narrow(1, 1, length), Words.Padding, smoothing);
        if (agreement == 0)
        {
            return loss;
        }
        var back = Words.Rows([.. batch.Select(it => it.Back)], device);
        var isTokenBack = TranslationNetwork.IsToken(back);
        var (here, there) = (Pooled(memory, isToken), Pooled(Network.Encode(back, isTokenBack), isTokenBack));
        var likeness = here.matmul(there.t()).div(MultilingualTranslation.Temperature);
        var own = arange(batch.Length, dtype: int64, device: device);
        return loss + (nn.functional.cross_entropy(likeness, own) * agreement);

        static Tensor Pooled(Tensor encoded, Tensor isToken)
        {
            var places = isToken.view(encoded.shape[0], encoded.shape[1], 1).to(encoded.dtype);
            return nn.functional.normalize((encoded * places).sum(1), dim: 1);
        }
    }

    /// <summary>
    /// The scores <c>[n, t, count]</c> of what follows each token of the targets' beginnings. Opens no scope.
    /// </summary>
    internal Tensor Scores(Tensor source, Tensor beginning)
    {
        var isToken = TranslationNetwork.IsToken(source);
        return Network.Decode(beginning, Network.Encode(source, isToken), isToken);
    }

    /// <summary>The source's tokens.</summary>
    internal long[] Source(string sentence, string to) =>
        words.Source(sentence, words.Language(to, nameof(to)), Mark, nameof(sentence));

    /// <summary>The target's tokens.</summary>
    internal long[] Target(string sentence, string to) =>
        words.Target(sentence, words.Language(to, nameof(to)), Mark, nameof(sentence));

    private IEnumerable<string> Greedy(long[][] sources, long start)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var source = Words.Rows(sources, device);
        var isToken = TranslationNetwork.IsToken(source);
        var memory = Network.Encode(source, isToken);
        var made = full([sources.Length, 1], start, ScalarType.Int64, device);
        var hasEnded = full([sources.Length, 1], 0, ScalarType.Bool, device);
        while (made.shape[1] <= longest && !hasEnded.all().item<bool>())
        {
            Canceling.Check();
            using var step = NewDisposeScope();
            // Neither padding nor a start nor a language is part of a translation.
            var scores = Network.Decode(made, memory, isToken).narrow(1, made.shape[1] - 1, 1).squeeze(1);
            var next = scores.narrow(1, words.End, words.Count - words.End).argmax(1, keepdim: true) + words.End;
            hasEnded = hasEnded.logical_or(next.eq(words.End)).MoveToOuterDisposeScope();
            made = cat([made, next], 1).MoveToOuterDisposeScope();
        }
        var width = (int)made.shape[1] - 1;
        var flat = made.narrow(1, 1, width).cpu().contiguous().data<long>().ToArray();
        return [.. flat.Chunk(Math.Max(1, width)).Select(words.Sentence)];
    }

    private void Living() => ObjectDisposedException.ThrowIf(isDisposed, this);

    private static (MultilingualTranslation, Words, long) Describe(
        StateBag state,
        MultilingualTranslation description,
        Words words,
        long longest
    )
    {
        long width = description.Width;
        long heads = description.Heads;
        long layers = description.Layers;
        var dropout = description.Dropout;
        var mark = (long)description.Mark;
        var languages = string.Join(' ', words.Languages);
        var all = string.Join(' ', words.All);
        state.Number("width", ref width);
        state.Number("heads", ref heads);
        state.Number("layers", ref layers);
        state.Number("dropout", ref dropout);
        state.Number("mark", ref mark);
        state.Number("longest", ref longest);
        state.Text("languages", ref languages);
        state.Text("tokens", ref all);
        if (!Enum.IsDefined((LanguageMark)mark))
        {
            throw new InvalidDataException($"The file marks languages by the rule {mark}, which is unknown here.");
        }
        return (
            description with
            {
                Width = (int)width,
                Heads = (int)heads,
                Layers = (int)layers,
                Dropout = dropout,
                Mark = (LanguageMark)mark,
            },
            new Words(Words.Split(languages), Words.Split(all)),
            longest
        );
    }
}
