using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// A head for each source over hidden layers that all share: a language, a recorder, a market each has its own output
/// layer.
/// </summary>
/// <remarks>
/// Huang, Li, Yu, Deng and Gong 2013, "Cross-Language Knowledge Transfer Using Multilingual Deep Neural Network with
/// Shared Hidden Layers" (SHL-MDNN): every layer but the last is trained by all languages. It is the predictor for
/// <see cref="OwnHeadCrossEntropy"/>. A head may know some of the classes alone, by <c>Of</c>. One head reads,
/// <see cref="Reading"/>; <see cref="By"/> gives the same heads with another one reading. The parts stay the caller's.
/// </remarks>
[SavedPart("own-heads")]
public sealed class OwnHeads : ILabelPredictor, IComposite, ISavedPart, IGraphPart, IPlanned
{
    // The score of a class that the head does not know; its probability is 0.
    private const double Unknown = -1e9;

    private ILabelPredictor[] heads;
    private long[][] classes; // of each head, by its outputs; empty where it knows all
    private long width;
    private long reading;

    private OwnHeads() => (heads, classes) = ([], []); // filled by Exchange

    private OwnHeads(ILabelPredictor[] heads, long[][] classes, long width, long reading) =>
        (this.heads, this.classes, this.width, this.reading) = (heads, classes, width, reading);

    /// <summary>Puts heads side by side that all know every class.</summary>
    /// <param name="heads">
    /// A head for each source, in their order, <c>[n, d]</c> to <c>[n, C]</c>; after them, where the target has labeled
    /// examples, one for the target. At least one. The last one reads.
    /// </param>
    public OwnHeads(params IReadOnlyList<ILabelPredictor> heads)
        : this(Checked(heads), [.. (heads ?? []).Select(_ => Array.Empty<long>())], 0, (heads?.Count ?? 0) - 1) { }

    /// <summary>Puts heads side by side of which each knows its own classes: languages of different phones.</summary>
    /// <param name="width">The number C of all classes together, the width of the label space.</param>
    /// <param name="heads">
    /// A head for each source, and the classes that its outputs stand for, in their order, each once.
    /// </param>
    /// <exception cref="ArgumentException">A head has no class, one twice, or one that is none of the C.</exception>
    public static OwnHeads Of(
        long width,
        params IReadOnlyList<(ILabelPredictor Head, IReadOnlyList<long> Classes)> heads
    )
    {
        ArgumentNullException.ThrowIfNull(heads);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        var own = Checked([.. heads.Select(head => head.Head)]);
        foreach (var (head, known) in heads)
        {
            ArgumentNullException.ThrowIfNull(known, nameof(heads));
            if (known.Count == 0 || known.Distinct().Count() < known.Count || known.Any(it => it < 0 || it >= width))
            {
                throw new ArgumentException(
                    $"a head must know classes from 0 to {width - 1}, each once; got [{string.Join(", ", known)}].",
                    nameof(heads)
                );
            }
        }
        return new OwnHeads(own, [.. heads.Select(head => head.Classes.ToArray())], width, heads.Count - 1);
    }

    /// <summary>The number of heads.</summary>
    public int Count => heads.Length;

    /// <summary>The head that predicts, from 0.</summary>
    public int Reading => (int)reading;

    /// <inheritdoc />
    public IReadOnlyList<IPart> Inner => heads;

    /// <inheritdoc />
    public ScoreKind ScoreKind => ScoreKind.Logits;

    /// <summary>
    /// The same heads, of which another one reads: <c>new AdaptedModel(model.Extractor, heads.By(0))</c>.
    /// </summary>
    /// <param name="head">The head that reads, from 0.</param>
    public OwnHeads By(int head)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(head);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(head, Count);
        return new OwnHeads(heads, classes, width, head);
    }

    /// <summary>
    /// The scores of the head that reads, <c>[n, C]</c>; those of classes that it does not know are -1e9, a probability
    /// of 0.
    /// </summary>
    /// <param name="features">Shared features <c>[n, d]</c>.</param>
    public Tensor Predict(Tensor features)
    {
        Guard.Alive(features);
        using var scope = NewDisposeScope();
        return Spread(heads[reading].Predict(features), Reading).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var scores = graph.Part(heads[reading], inputs, $"head{reading}");
        if (classes[reading].Length == 0)
        {
            return scores;
        }
        // Every class's score is that of an output, or of one more that is always unknown.
        var places = Places(Reading, graph.ExampleOf(scores).device);
        var unknown = full([1], Unknown, graph.ExampleOf(scores).dtype);
        var more = graph.Add(graph.Subtract(scores, scores), graph.Constant(unknown));
        var all = graph.Operator("Concat", [scores, more], ("axis", 1L));
        return graph.Operator("Gather", [all, graph.Constant(places)], ("axis", 1L));
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        long count = heads.Length;
        state.Number("heads", ref count);
        state.Number("width", ref width);
        state.Number("reading", ref reading);
        if (state.IsLoading && heads.Length != count)
        {
            (heads, classes) = (new ILabelPredictor[count], new long[count][]);
        }
        for (var i = 0; i < count; i++)
        {
            state.Part($"head{i}", ref heads[i]!);
            var known = string.Join(' ', classes[i] ?? []);
            state.Text($"classes{i}", ref known);
            classes[i] =
            [
                .. known
                    .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                    .Select(number => long.Parse(number, System.Globalization.CultureInfo.InvariantCulture)),
            ];
        }
    }

    /// <summary>The heads that a step trains; the step's predictor must be some, one for each source.</summary>
    internal static OwnHeads Of(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        if (step.Predictor is not OwnHeads own)
        {
            throw new ArgumentException(
                $"the predictor must be {nameof(OwnHeads)}, a head for each source; it is a "
                    + $"{step.Predictor.GetType().Name}.",
                nameof(step)
            );
        }
        return own;
    }

    /// <summary>A batch's scores by the head of its domain <c>[n, C]</c>.</summary>
    internal Tensor Scores(StepContext step, IBatch batch, int head) =>
        Spread(step.Scores(heads[head], step.Features(batch)), head);

    /// <summary>The classes that a head knows; null where it knows all.</summary>
    internal IReadOnlyList<long>? Known(int head) => classes[head].Length == 0 ? null : classes[head];

    // The score of a class that its head does not know would be a loss of a billion.
    IEnumerable<string> IPlanned.Faults(ChainPlan plan)
    {
        LabeledDomain[] labeled = plan.Domains.LabeledTarget is { } few
            ? [.. plan.Domains.Sources, few]
            : [.. plan.Domains.Sources];
        foreach (var (i, domain) in labeled.Index().Take(Count))
        {
            Canceling.Check();
            if (Known(i) is not { } known || domain.Labels.is_floating_point())
            {
                continue;
            }
            using var labels = domain.Labels.cpu();
            var others = labels.data<long>().ToArray().Distinct().Except(known).Order().ToList();
            if (others.Count > 0)
            {
                yield return $"head {i} does not know class {string.Join(", ", others)}, of which its rows are.";
            }
        }
    }

    // A head's scores at the places of its classes. Opens no scope.
    private Tensor Spread(Tensor scores, int head)
    {
        if (classes[head].Length == 0)
        {
            return scores.alias();
        }
        if (scores.shape[1] != classes[head].Length)
        {
            throw new InvalidOperationException(
                $"head {head} was said to know {classes[head].Length} classes and gives {scores.shape[1]} scores."
            );
        }
        var unknown = full([scores.shape[0], 1], Unknown, scores.dtype, scores.device);
        return cat([scores, unknown], 1).index_select(1, Places(head, scores.device));
    }

    // For each class the output that scores it, or one more.
    private Tensor Places(int head, Device device)
    {
        var places = new long[width];
        Array.Fill(places, classes[head].Length);
        for (var output = 0; output < classes[head].Length; output++)
        {
            places[classes[head][output]] = output;
        }
        return tensor(places, device: device);
    }

    private static ILabelPredictor[] Checked(IReadOnlyList<ILabelPredictor> heads)
    {
        ArgumentNullException.ThrowIfNull(heads);
        ArgumentOutOfRangeException.ThrowIfZero(heads.Count, nameof(heads));
        foreach (var head in heads)
        {
            ArgumentNullException.ThrowIfNull(head, nameof(heads));
        }
        return [.. heads];
    }
}
