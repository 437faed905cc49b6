using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.ZeroShot;

/// <summary>
/// Multilingual translation by one network: each source sentence begins with a token that names the language to
/// translate into, and the network also translates between languages of which it has seen no sentence together.
/// </summary>
/// <remarks>
/// <para>
/// Minimizes the mean <see cref="TokenCrossEntropy"/> of the targets' tokens, each predicted from the source and the
/// right tokens before it, over the pairs of all directions mixed (Johnson et al. 2017, "Google's Multilingual Neural
/// Machine Translation System: Enabling Zero-Shot Translation"). The encoder, the decoder, their attention and the
/// table of tokens are shared by all languages; only the token of the target language tells directions apart.
/// </para>
/// <para>
/// An unseen direction works as far as the encoder reads all languages alike: nothing in the loss asks for that, and
/// languages without a common word get there by <see cref="Agreement"/> only.
/// </para>
/// <para>
/// The paper's network is of deep layers of long short-term memory and learns real languages, which share words and
/// pieces of words; this one is a small encoder and decoder of self-attention for what fits one process. Trained by
/// Adam, its rate rising over the first tenth of the steps and falling to 0 linearly, gradients no longer than 1. An
/// epoch costs <c>n t (12 L d^2 + t d L)</c> operations for n pairs of t tokens, d wide, L layers.
/// </para>
/// </remarks>
public sealed record MultilingualTranslation
{
    internal const double Temperature = 0.1;

    private const double Warming = 0.1;
    private const double LongestGradient = 1;

    /// <summary>The width of the network, a multiple of twice <see cref="Heads"/>. Default 64.</summary>
    [OptionRange(AtLeast = 2)]
    public int Width { get; init; } = 64;

    /// <summary>How many heads each attention has, at least 1. Default 4.</summary>
    [OptionRange(AtLeast = 1)]
    public int Heads { get; init; } = 4;

    /// <summary>How many layers the encoder and the decoder have each, at least 1. Default 2.</summary>
    [OptionRange(AtLeast = 1)]
    public int Layers { get; init; } = 2;

    /// <summary>The share of numbers that are dropped in training, from 0 to below 1. Default 0.1.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Dropout { get; init; } = 0.1;

    /// <summary>The share of all tokens in each right one, from 0 to below 1. Default 0.1.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double LabelSmoothing { get; init; } = 0.1;

    /// <summary>How many times all pairs pass, at least 1. Default 20.</summary>
    [OptionRange(AtLeast = 1)]
    public int Epochs { get; init; } = 20;

    /// <summary>How many pairs a step takes, at least 1. Default 64.</summary>
    [OptionRange(AtLeast = 1)]
    public int BatchSize { get; init; } = 64;

    /// <summary>The largest learning rate of Adam, positive. Default 0.002.</summary>
    [OptionRange(Above = 0)]
    public double LearningRate { get; init; } = 0.002;

    /// <summary>Where the language to translate into is named. Default by both.</summary>
    public LanguageMark Mark { get; init; } = LanguageMark.Both;

    /// <summary>
    /// How much the encoder's agreement counts: <c>-log softmax_j(cos(e(x_i), e(y_j)) / 0.1)</c> at j = i, over the
    /// pairs of a step, e the mean over the places of an encoded sentence; both sides are read as sources (Pan, Wang,
    /// Wu and Li 2021, "Contrastive Learning for Many-to-many Multilingual Neural Machine Translation"). 0 leaves it
    /// out, which is the paper's method. Default 1.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double Agreement { get; init; } = 1;

    /// <summary>Trains the network.</summary>
    /// <param name="pairs">The directions, at least one; more pairs of a direction count more.</param>
    /// <param name="context">The key of all draws, cancellation and progress; null for none.</param>
    /// <param name="device">Where the network lives; null for the CPU.</param>
    /// <returns>The model; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">There is no direction, or one is given twice.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="DivergenceException">The loss was not finite.</exception>
    public TranslationModel Fit(
        IReadOnlyList<TranslationPairs> pairs,
        FitContext? context = null,
        Device? device = null
    )
    {
        Guard.Options(this);
        Checked(pairs);
        context ??= new FitContext();
        context.Cancellation.ThrowIfCancellationRequested();
        using var cancellation = Canceling.By(context.Cancellation);
        using var recording = new Recording();
        using var randomness = new GlobalRandomness();
        var words = new Words(
            pairs.SelectMany(pair => new[] { pair.From, pair.To }),
            pairs.SelectMany(pair => pair.Sources.Concat(pair.Targets)).SelectMany(Words.Split)
        );
        var examples = new List<Example>();
        foreach (var direction in pairs)
        {
            var language = words.Language(direction.To, nameof(pairs));
            var back = words.Language(direction.From, nameof(pairs));
            examples.AddRange(
                direction.Sources.Zip(
                    direction.Targets,
                    (source, target) =>
                        new Example(
                            words.Source(source, language, Mark, nameof(pairs)),
                            words.Target(target, language, Mark, nameof(pairs)),
                            words.Source(target, back, Mark, nameof(pairs))
                        )
                )
            );
        }
        GlobalRandomness.Seed(context.Key.Child(0));
        var model = new TranslationModel(this, words, 2 * examples.Max(it => it.Target.Length), device ?? CPU);
        try
        {
            Train(model, examples, context);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private void Train(TranslationModel model, List<Example> examples, FitContext context)
    {
        model.Network.train();
        using var optimizer = optim.Adam(model.Network.parameters(), LearningRate, beta2: 0.98);
        using var watch = new LossWatch(() => null);
        var each = (examples.Count + BatchSize - 1) / BatchSize;
        var (step, steps) = (0L, (double)each * Epochs);
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            var order = Enumerable.Range(0, examples.Count).ToArray();
            context.Key.Child(1).Child(epoch).Random().Shuffle(order);
            foreach (var drawn in order.Chunk(BatchSize))
            {
                context.Report(step / steps);
                using var scope = NewDisposeScope();
                var (rise, left) = ((step + 1) / Math.Max(1, Warming * steps), 1 - (step / steps));
                foreach (var group in optimizer.ParamGroups)
                {
                    group.LearningRate = LearningRate * Math.Min(1, Math.Min(rise, left / (1 - Warming)));
                }
                model.Network.zero_grad(set_to_none: true);
                var loss = model.Objective([.. drawn.Select(place => examples[place])], LabelSmoothing, Agreement);
                watch.See(nameof(TokenCrossEntropy), ++step, loss);
                loss.backward();
                GradientClipping.Clip(model.Network.parameters(), LongestGradient);
                optimizer.step();
            }
        }
        watch.Flush();
        model.Network.zero_grad(set_to_none: true);
        model.Network.eval();
        context.Report(1);
    }

    private void Checked(IReadOnlyList<TranslationPairs> pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        if (Width % (2 * Heads) != 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(Width),
                Width,
                $"{nameof(Width)} must be a multiple of twice the {Heads} head(s); got {Width}."
            );
        }
        if (pairs.Count == 0 || pairs.Any(pair => pair is null))
        {
            throw new ArgumentException("pairs must hold at least one direction, and no null.", nameof(pairs));
        }
        var twice = pairs.GroupBy(pair => (pair.From, pair.To)).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
        {
            throw new ArgumentException(
                $"pairs must hold each direction once; {twice.Key.From} to {twice.Key.To} is there {twice.Count()} "
                    + "times. Join them.",
                nameof(pairs)
            );
        }
    }

    /// <summary>The tokens of a pair: the source, the target, and the target as a source of the way back.</summary>
    internal sealed record Example(long[] Source, long[] Target, long[] Back);
}
