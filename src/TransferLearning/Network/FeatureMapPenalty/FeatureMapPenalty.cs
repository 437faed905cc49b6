using TorchSharp.Modules;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// DELTA: on the labeled rows the network's feature maps are held near those of the pre-trained network, channels that
/// mattered more than others.
/// </summary>
/// <remarks>
/// <c>1/2 sum_layers sum_{i, c} a_c C/(H W) ||F_ic - F0_ic||^2</c> over the rows i and channels c, F the maps of the
/// layer under training, F0 those of the frozen one, constants, and a the channels' attention, of sum 1; without
/// attention <c>1/2 sum_layers ||F - F0||^2</c> (Li et al. 2019, "DELTA: Deep Learning Transfer Using Feature Map with
/// Attention for Convolutional Networks", equations 4 to 6). Sums are over the rows of a batch, as in the authors'
/// program, who weigh the term by 0.01; the labeled batches' terms are added. Features <c>[n, d]</c> are maps of d
/// channels and one place.
/// </remarks>
public sealed class FeatureMapPenalty : IObjective
{
    private readonly IReadOnlyList<Layer> layers;
    private readonly IReadOnlyList<int>? links; // of the one pair of extractors whose layers are compared
    private readonly IReadOnlyList<Tensor?>? attentions;
    private readonly bool isAtLayers;

    /// <summary>A penalty on the extractor's features themselves.</summary>
    /// <param name="extractor">The extractor under training.</param>
    /// <param name="pretrained">
    /// The extractor as it was, which no phase moves: <c>extractor.Replica()</c>. The caller disposes it.
    /// </param>
    public FeatureMapPenalty(IFeatureExtractor extractor, IFeatureExtractor pretrained)
        : this([(extractor, pretrained, null)]) { }

    /// <summary>A penalty on some layers' maps.</summary>
    /// <param name="layers">
    /// The part of the network up to a layer, inputs to maps <c>[n, C, ...]</c>, the same of the frozen network, and
    /// the channels' attention <c>[C]</c> or null. Each is one more pass, but for the extractor itself.
    /// </param>
    public FeatureMapPenalty(
        IReadOnlyList<(IFeatureExtractor Trained, IFeatureExtractor Pretrained, Tensor? Attention)> layers
    )
    {
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentOutOfRangeException.ThrowIfZero(layers.Count, nameof(layers));
        foreach (var (trained, pretrained, _) in layers)
        {
            ArgumentNullException.ThrowIfNull(trained, nameof(layers));
            ArgumentNullException.ThrowIfNull(pretrained, nameof(layers));
        }
        this.layers = [.. layers.Select(it => new Layer(it.Trained, it.Pretrained, it.Attention))];
    }

    private FeatureMapPenalty(
        IFeatureExtractor extractor,
        IFeatureExtractor pretrained,
        IReadOnlyList<int>? links,
        IReadOnlyList<Tensor?>? attentions
    )
        : this(extractor, pretrained)
    {
        if (links is not null && (links.Count == 0 || links.Any(link => link < 0)))
        {
            throw new ArgumentException(
                $"links must be numbers of layers, from 0, one at least; got [{string.Join(", ", links)}].",
                nameof(links)
            );
        }
        if (links is not null && attentions is not null && links.Count != attentions.Count)
        {
            throw new ArgumentException(
                $"attention must be given, or null, for each of the {links.Count} links; got {attentions.Count}.",
                nameof(attentions)
            );
        }
        (this.links, this.attentions, isAtLayers) = (links, attentions, true);
    }

    /// <summary>
    /// A penalty on the layers of an extractor that hands them out: the links of an <see cref="ExtractorChain"/>, or
    /// the named layers of a <see cref="TappedExtractor"/> and its features. It needs no pass of its own but that of
    /// the frozen network.
    /// </summary>
    /// <param name="extractor">The extractor under training.</param>
    /// <param name="pretrained">
    /// The extractor as it was, with the same links or taps, which no phase moves. The caller disposes it.
    /// </param>
    /// <param name="links">Which layers, counted from 0; null for all, the features included.</param>
    /// <param name="attention">The channels' attention <c>[C]</c>, or null, of each of them; null for none.</param>
    public static FeatureMapPenalty AtLayers(
        IFeatureExtractor extractor,
        IFeatureExtractor pretrained,
        IReadOnlyList<int>? links = null,
        IReadOnlyList<Tensor?>? attention = null
    ) => new(extractor, pretrained, links, attention);

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => layers.SelectMany(it => new IPart[] { it.Trained, it.Pretrained });

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var terms = new List<Tensor>();
        foreach (var batch in step.Labeled)
        {
            foreach (var (own, wanted, attention) in isAtLayers ? AtLinks(step, batch) : AtEnds(step, batch))
            {
                Canceling.Check();
                terms.Add(Of(own, wanted, attention, batch.Weights));
            }
        }
        return terms.Aggregate((total, term) => total + term);
    }

    private IEnumerable<(Tensor Own, Tensor Wanted, Tensor? Attention)> AtEnds(StepContext step, LabeledBatch batch)
    {
        foreach (var (trained, pretrained, attention) in layers)
        {
            Tensor wanted;
            using (no_grad())
            {
                wanted = step.Features(pretrained, batch);
            }
            var own = ReferenceEquals(trained, step.Extractor) ? step.Features(batch) : step.Features(trained, batch);
            yield return (own, wanted, attention);
        }
    }

    private IEnumerable<(Tensor Own, Tensor Wanted, Tensor? Attention)> AtLinks(StepContext step, LabeledBatch batch)
    {
        var (trained, pretrained, _) = layers[0];
        IReadOnlyList<Tensor> wanted;
        using (no_grad())
        {
            wanted = step.Layers(pretrained, batch);
        }
        var own = ReferenceEquals(trained, step.Extractor) ? step.Layers(batch) : step.Layers(trained, batch);
        var all = links ?? [.. Enumerable.Range(0, own.Count)];
        if (own.Count != wanted.Count || all.Max() >= own.Count || attentions is { } some && some.Count != all.Count)
        {
            throw new ArgumentException(
                $"the extractor under training has {own.Count} layer(s), the pretrained one {wanted.Count}; links "
                    + $"must be below these, here up to {all.Max()}, and attention one for each of {all.Count}, "
                    + $"here {attentions?.Count ?? 0}: give both the same links or taps.",
                nameof(step)
            );
        }
        return all.Select((link, i) => (own[link], wanted[link], attentions?[i]));
    }

    /// <summary>The penalty of one layer.</summary>
    /// <param name="maps">Maps F of the network under training <c>[n, C, ...]</c>.</param>
    /// <param name="pretrained">Maps F0 of the frozen one, of the same shape; taken as constants.</param>
    /// <param name="attention">The channels' attention <c>[C]</c>, of sum 1; null for <c>1/2 ||F - F0||^2</c>.</param>
    /// <param name="weights">Row weights <c>[n]</c>, or null.</param>
    /// <returns>A scalar, differentiable in <paramref name="maps"/>; the caller disposes it.</returns>
    public static Tensor Of(Tensor maps, Tensor pretrained, Tensor? attention = null, Tensor? weights = null)
    {
        Guard.Alive(maps);
        Guard.Alive(pretrained);
        Guard.AliveOrNull(attention);
        Guard.AliveOrNull(weights);
        if (maps.dim() < 2 || !maps.shape.SequenceEqual(pretrained.shape))
        {
            throw new ArgumentException(
                $"pretrained must have the shape of maps, [n, C, ...]; got {Shape.Of(pretrained)} and "
                    + $"{Shape.Of(maps)}.",
                nameof(pretrained)
            );
        }
        var channels = maps.shape[1];
        if (attention is not null && !attention.shape.SequenceEqual([channels]))
        {
            throw new ArgumentException(
                $"attention must be [{channels}], one a channel; got {Shape.Of(attention)}.",
                nameof(attention)
            );
        }
        using var scope = NewDisposeScope();
        var squares = (maps - pretrained.detach()).square().reshape(maps.shape[0], channels, -1);
        var ofChannels = squares.sum(2);
        if (attention is not null)
        {
            ofChannels *= attention.detach().to(maps.device).to(maps.dtype) * ((double)channels / squares.shape[2]);
        }
        var rows = ofChannels.sum(1);
        var total = (weights is null ? rows : rows * weights.detach().to(rows.dtype)).sum();
        return (total / 2).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// How much the channels of a layer matter: the softmax of how far a loss rises when each one's filter is set to 0,
    /// divided by a temperature.
    /// </summary>
    /// <remarks>
    /// The authors' equation 7; their temperature is 5. The filters come back as they were. Costs a loss a channel.
    /// </remarks>
    /// <param name="filters">The layer's weights <c>[C, ...]</c>.</param>
    /// <param name="loss">Computes a scalar with the weights as they are then.</param>
    /// <param name="temperature">The temperature. Default 5.</param>
    /// <param name="cancellation">Stops between two channels.</param>
    /// <returns>The attention <c>[C]</c>, of sum 1; the caller disposes it.</returns>
    public static Tensor Attention(
        Parameter filters,
        Func<Tensor> loss,
        double temperature = 5,
        CancellationToken cancellation = default
    )
    {
        Guard.Alive(filters);
        ArgumentNullException.ThrowIfNull(loss);
        Guard.Positive(temperature);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var plain = loss();
        var rises = new List<Tensor>();
        for (long c = 0; c < filters.shape[0]; c++)
        {
            cancellation.ThrowIfCancellationRequested();
            var filter = filters[c];
            var kept = filter.clone();
            try
            {
                filter.zero_();
                rises.Add(loss() - plain);
            }
            finally
            {
                filter.copy_(kept);
            }
        }
        return (stack([.. rises]).reshape(-1) / temperature).softmax(0).MoveToOuterDisposeScope();
    }

    private sealed record Layer(IFeatureExtractor Trained, IFeatureExtractor Pretrained, Tensor? Attention);
}
