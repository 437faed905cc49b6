using TransferLearning.Augmentation;
using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// MixStyle and EFDMix: cross-entropy of rows whose inner layers take over a part of another row's style.
/// </summary>
/// <remarks>
/// <para>
/// All labeled rows pass the network together. Each layer that is given mixes in some steps
/// (<see cref="Probability"/>), whatever the others do, by draws of its own: row i gets a partner j
/// (<see cref="Partners"/>), and each channel of its output x a mixture of the two styles, with
/// <c>l ~ Beta(alpha, alpha)</c> drawn for each row. Content and label stay. Where no layer mixes, the term is the
/// cross-entropy of the step's own passes.
/// </para>
/// <para>
/// <see cref="StyleStatistics.Moments"/>: <c>(l sd_i + (1 - l) sd_j) (x_i - m_i) / sd_i + l m_i + (1 - l) m_j</c>,
/// means and deviations over a channel's places, without gradient, 1e-6 added to variances (Zhou, Yang, Qiao and Xiang
/// 2021, "Domain Generalization with MixStyle"). <see cref="StyleStatistics.Distribution"/>: the k-th smallest number
/// of the channel becomes <c>x_i + (1 - l) (x_j's k-th smallest - x_i)</c>, the last x_i without gradient (Zhang, Li,
/// Li, Jia and Zhang 2022, "Exact Feature Distribution Matching for Arbitrary Style Transfer and Domain
/// Generalization").
/// </para>
/// <para>
/// It takes the place of the cross-entropy. Batch normalization sees all labeled rows at once. Example weights weigh
/// the rows; the labeled batches' means are averaged.
/// </para>
/// </remarks>
/// <param name="layers">
/// Layers of the extractor whose outputs <c>[n, channels, ...]</c> are mixed, early ones; at least one.
/// </param>
public sealed class StyleMixing(params IReadOnlyList<nn.Module<Tensor, Tensor>> layers) : IObjective
{
    private readonly IReadOnlyList<nn.Module<Tensor, Tensor>> layers =
        layers ?? throw new ArgumentNullException(nameof(layers));

    /// <summary>What the style is. Default <see cref="StyleStatistics.Moments"/>, MixStyle's.</summary>
    public StyleStatistics Statistics { get; init; }

    /// <summary>The parameter of the Beta distribution: small mixes little. Default 0.1, the authors'.</summary>
    [OptionRange(Above = 0)]
    public double Alpha { get; init; } = 0.1;

    /// <summary>The share of steps in which a layer mixes styles, from 0 to 1. Default 0.5, the authors'.</summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double Probability { get; init; } = 0.5;

    /// <summary>
    /// Whose styles a row may take. Default <see cref="StylePartners.AnyRow"/>, as the authors' layers have it.
    /// </summary>
    public StylePartners Partners { get; init; }

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan)
    {
        if (layers.Count == 0)
        {
            yield return "there is no layer to mix at: give early layers of the extractor.";
        }
        foreach (var fault in plan.OfClasses())
        {
            yield return fault;
        }
    }

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var key = step.NextKey();
        LabeledBatch[] batches = [.. step.Labeled];
        // A key for each layer that mixes in this step, null for the others.
        RandomKey?[] mixing =
        [
            .. Enumerable
                .Range(0, layers.Count)
                .Select(layer => key.Child(layer))
                .Select(own => own.Child(0).Random().NextDouble() < Probability ? own.Child(1) : (RandomKey?)null),
        ];
        var scores = Array.Exists(mixing, own => own is not null)
            ? Mixed(step, batches, mixing)
            : [.. batches.Select(batch => step.Scores(batch))];
        var risks = batches.Zip(scores, (batch, own) => CrossEntropy.Of(own, batch.Labels, batch.Weights));
        return stack([.. risks]).mean();
    }

    /// <summary>Rows with a part of others' styles.</summary>
    /// <param name="rows">
    /// What a layer makes of n rows, <c>[n, channels, ...]</c> with at least one axis of places.
    /// </param>
    /// <param name="partners">The partner of each row, int64 <c>[n]</c>.</param>
    /// <param name="shares">The share l of each row's own style <c>[n]</c>, from 0 to 1.</param>
    /// <param name="statistics">What the style is.</param>
    /// <returns>The rows in their shape, differentiable in them; the caller disposes them.</returns>
    public static Tensor Of(
        Tensor rows,
        Tensor partners,
        Tensor shares,
        StyleStatistics statistics = StyleStatistics.Moments
    )
    {
        Guard.Alive(rows);
        Guard.Alive(partners);
        Guard.Alive(shares);
        if (rows.dim() < 3)
        {
            throw new ArgumentException(
                $"a style is of channels over places: rows must be [n, channels, ...]; got {Shape.Of(rows)}. Give a "
                    + "convolutional layer.",
                nameof(rows)
            );
        }
        if (!partners.shape.SequenceEqual([rows.shape[0]]) || !shares.shape.SequenceEqual([rows.shape[0]]))
        {
            throw new ArgumentException(
                $"partners and shares must be one a row, [{rows.shape[0]}]; got {Shape.Of(partners)} and "
                    + $"{Shape.Of(shares)}.",
                nameof(partners)
            );
        }
        using var scope = NewDisposeScope();
        var flat = rows.flatten(2);
        var own = shares.to(rows.dtype).reshape(-1, 1, 1);
        var mixed = statistics switch
        {
            StyleStatistics.Moments => OfMoments(flat, partners, own),
            StyleStatistics.Distribution => OfDistribution(flat, partners, own),
            _ => throw new ArgumentOutOfRangeException(nameof(statistics), statistics, "is no known style."),
        };
        return mixed.reshape(rows.shape).MoveToOuterDisposeScope();
    }

    private static Tensor OfMoments(Tensor rows, Tensor partners, Tensor own)
    {
        var mean = rows.detach().mean([2L], keepdim: true);
        var spread = (rows.detach() - mean).square().mean([2L], keepdim: true);
        // The unbiased variance, as in the authors' program; of a single place 0.
        spread = ((spread * rows.shape[2] / Math.Max(1, rows.shape[2] - 1)) + 1e-6).sqrt();
        Tensor Mixed(Tensor of) => (of * own) + (of.index_select(0, partners) * (1 - own));
        return ((rows - mean) / spread * Mixed(spread)) + Mixed(mean);
    }

    private static Tensor OfDistribution(Tensor rows, Tensor partners, Tensor own)
    {
        var (sorted, places) = rows.sort(2);
        var wanted = zeros_like(sorted).scatter(2, places, sorted.index_select(0, partners));
        return rows + ((wanted - rows.detach()) * (1 - own));
    }

    /// <summary>The partner of each row of some batches that stand one after the other, int64 on the CPU.</summary>
    internal static Tensor PartnersOf(IReadOnlyList<long> counts, StylePartners partners, RandomKey key)
    {
        using var scope = NewDisposeScope();
        using var generator = key.Generator();
        if (partners == StylePartners.AnyRow || counts.Count == 1)
        {
            return randperm(counts.Sum(), generator: generator).MoveToOuterDisposeScope();
        }
        // In a drawn order of the batches each takes the rows of the next one, as often as it needs them.
        var order = randperm(counts.Count, generator: generator).data<long>().ToArray();
        var next = new long[counts.Count];
        for (var i = 0; i < order.Length; i++)
        {
            next[order[i]] = order[(i + 1) % order.Length];
        }
        Tensor From(long other, long count)
        {
            var rows = randperm(counts[(int)other], generator: generator) + counts.Take((int)other).Sum();
            return rows.index_select(0, arange(count, dtype: int64).remainder(rows.shape[0]));
        }
        return cat([.. counts.Select((count, batch) => From(next[batch], count))]).MoveToOuterDisposeScope();
    }

    // One pass of all rows with the layers' outputs changed; what the step remembers is not mixed.
    private Tensor[] Mixed(StepContext step, LabeledBatch[] batches, RandomKey?[] mixing)
    {
        var extractor = step.Extractor.For(batches[0].Domain);
        if (batches.Any(batch => !ReferenceEquals(step.Extractor.For(batch.Domain), extractor)))
        {
            throw new ArgumentException(
                "styles are mixed between domains, and this extractor treats domains differently: take one that serves "
                    + "every domain alike.",
                nameof(step)
            );
        }
        var inputs = batches.Length == 1 ? batches[0].Inputs : cat([.. batches.Select(batch => batch.Inputs)]);
        long[] counts = [.. batches.Select(batch => batch.Inputs.shape[0])];
        var reached = new HashSet<int>();
        var hooks = layers
            .Select(
                (layer, place) =>
                    layer.register_forward_hook(
                        (_, _, output) =>
                        {
                            reached.Add(place);
                            return mixing[place] is { } key ? Styled(output, counts, key) : output;
                        }
                    )
            )
            .ToList();
        try
        {
            var scores = step.Predictor.Predict(extractor.Extract(inputs));
            return reached.Count == layers.Count
                ? scores.split(counts)
                : throw new ArgumentException(
                    $"{layers.Count - reached.Count} of the {layers.Count} layers took no part in the pass: give "
                        + "layers of the extractor.",
                    nameof(layers)
                );
        }
        finally
        {
            hooks.ForEach(hook => hook.remove());
        }
    }

    private Tensor Styled(Tensor output, long[] counts, RandomKey key)
    {
        using var scope = NewDisposeScope();
        var partners = PartnersOf(counts, Partners, key.Child(0)).to(output.device);
        double[] drawn =
        [
            .. Enumerable.Range(0, (int)counts.Sum()).Select(i => MixingShare.Draw(Alpha, key.Child(1).Child(i))),
        ];
        return Of(output, partners, tensor(drawn, device: output.device), Statistics).MoveToOuterDisposeScope();
    }
}
