using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// Critics at several layers: each tells the domains apart by the outputs of one link or tapped layer of the extractor,
/// and reversed gradients teach the layers up to there to confuse it.
/// </summary>
/// <remarks>
/// <c>sum_l BCE(D_l)</c>, BCE the loss of <see cref="DomainAdversary"/> on the outputs of link l
/// (<see cref="StepContext.Layers(IBatch)"/>), with <c>-lambda</c> times its gradient going to the links up to l. The
/// extractor is an <see cref="ExtractorChain"/>, <c>ExtractorChain.Of(lower, upper)</c>, or a
/// <see cref="TappedExtractor"/>, whose named layers come before its features. Source rows weigh by their example
/// weights; several sources count together as "source".
/// </remarks>
/// <param name="critics">
/// One critic a link or tapped layer and one for the features behind the taps, in their order, of outputs in the
/// layer's shape; null leaves a layer alone. The phase moves them together with the extractor.
/// </param>
/// <param name="reversal">The factor lambda over progress. Default the ramp from 0 to 1, gamma 10.</param>
public sealed class LayerAdversary(IReadOnlyList<IDomainCritic?> critics, Schedule? reversal = null)
    : IObjective,
        IJudged
{
    private readonly IReadOnlyList<IDomainCritic?> critics = Checked(critics);
    private readonly Schedule reversal = reversal ?? Schedule.SigmoidRamp();

    /// <summary>
    /// What the critics minimize, and the extractor is opposed to. Default <see cref="CriticLoss.CrossEntropy"/>.
    /// </summary>
    public CriticLoss Criterion { get; init; }

    IReadOnlyList<IPart> IJudged.Critics => [.. critics.OfType<IPart>()];

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => critics.OfType<IPart>();

    /// <inheritdoc />
    public BatchSplit Split => BatchSplit.Mean;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var sources = step.Sources.Select(step.Layers).ToList();
        var target = step.Layers(step.Target);
        if (sources.Append(target).FirstOrDefault(layers => layers.Count != critics.Count) is { } other)
        {
            throw new ArgumentException(
                $"needs a critic, or null, for each of the {other.Count} link(s) or layer(s) of the extractor; got "
                    + $"{critics.Count}. ExtractorChain.Of(lower, upper) makes an extractor of links, and "
                    + "new TappedExtractor(network, \"layer\") one of named layers and the features.",
                nameof(step)
            );
        }
        var coefficient = reversal.At(step.Progress);
        var weights = step.SourceWeights();
        var rows = step.Sources.Sum(batch => batch.Inputs.shape[0]);
        var losses = new List<Tensor>();
        for (var i = 0; i < critics.Count; i++)
        {
            Canceling.Check();
            if (critics[i] is { } critic)
            {
                var outputs = cat([.. sources.Select(layers => layers[i]), target[i]]);
                var judged = step.Judgment(critic, GradientReversal.Apply(outputs, coefficient));
                losses.Add(
                    DomainAdversary.Loss(
                        judged.narrow(0, 0, rows),
                        judged.narrow(0, rows, judged.shape[0] - rows),
                        weights,
                        criterion: Criterion
                    )
                );
            }
        }
        return stack([.. losses]).sum();
    }

    private static IReadOnlyList<IDomainCritic?> Checked(IReadOnlyList<IDomainCritic?> critics)
    {
        ArgumentNullException.ThrowIfNull(critics);
        return critics.Any(critic => critic is not null)
            ? [.. critics]
            : throw new ArgumentException("critics must hold a critic for one link at least.", nameof(critics));
    }
}
