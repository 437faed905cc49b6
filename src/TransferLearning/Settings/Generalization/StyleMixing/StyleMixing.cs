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
/// In some steps (<see cref="Probability"/>), all labeled rows pass the network together. At each layer that is given
/// row i gets a partner j, and each channel of its output x a mixture of the two styles, with
/// <c>l ~ Beta(alpha, alpha)</c> drawn for each row. Content and label stay.
/// </para>
/// <para>
/// <see cref="StyleStatistics.Moments"/>: <c>(l sd_i + (1 - l) sd_j) (x_i - m_i) / sd_i + l m_i + (1 - l) m_j</c>,
/// means and deviations over a channel's places, without gradient, 1e-6 added to variances (Zhou, Yang, Qiao and Xiang
/// 2021, "Domain Generalization with MixStyle"). <see cref="StyleStatistics.Distribution"/>: the k-th smallest number
/// of the channel becomes <c>x_i + (1 - l) (x_j's k-th smallest - x_i)</c> with the difference without gradient (Zhang,
/// Li, Li, Jia and Zhang 2022, "Exact Feature Distribution Matching for Arbitrary Style Transfer and Domain
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

    /// <summary>The share of steps in which styles are mixed, from 0 to 1. Default 0.5, the authors'.</summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double Probability { get; init; } = 0.5;

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
        var scores =
            key.Child(0).Random().NextDouble() < Probability
                ? Mixed(step, batches, key.Child(1))
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
        var (sorted, places) = rows.detach().sort(2);
        var wanted = zeros_like(sorted).scatter_(2, places, sorted.index_select(0, partners));
        return rows + ((wanted - rows.detach()) * (1 - own));
    }

    // One pass of all rows with the layers' outputs changed; what the step remembers is not mixed.
    private Tensor[] Mixed(StepContext step, LabeledBatch[] batches, RandomKey key)
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
        var n = inputs.shape[0];
        using var generator = key.Child(0).Generator();
        var partners = randperm(n, generator: generator).to(inputs.device);
        double[] drawn = [.. Enumerable.Range(0, (int)n).Select(i => MixingShare.Draw(Alpha, key.Child(1).Child(i)))];
        var shares = tensor(drawn, device: inputs.device);
        var reached = 0;
        var hooks = layers
            .Select(layer =>
                layer.register_forward_hook(
                    (_, _, output) =>
                    {
                        reached++;
                        return Of(output, partners, shares, Statistics);
                    }
                )
            )
            .ToList();
        try
        {
            var scores = step.Predictor.Predict(extractor.Extract(inputs));
            return reached >= layers.Count
                ? scores.split([.. batches.Select(batch => batch.Inputs.shape[0])])
                : throw new ArgumentException(
                    $"{layers.Count - reached} of the {layers.Count} layers took no part in the pass: give layers of "
                        + "the extractor.",
                    nameof(layers)
                );
        }
        finally
        {
            hooks.ForEach(hook => hook.remove());
        }
    }
}
