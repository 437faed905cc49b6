using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Objectives;

/// <summary>A discrepancy between source and target at several layers of the extractor, as a penalty.</summary>
/// <remarks>
/// The sum of the discrepancies of the links' outputs (<see cref="StepContext.Layers(IBatch)"/>), each output as one
/// row of numbers. The extractor is an <see cref="ExtractorChain"/>, <c>ExtractorChain.Of(lower, upper)</c>, a
/// <see cref="TappedExtractor"/>, whose named layers come before its features, or a single link. Several sources are
/// averaged; example weights as in <see cref="Alignment"/>.
/// </remarks>
/// <param name="discrepancy">What is measured at each layer.</param>
/// <param name="links">Which links of the chain or tapped layers, counted from 0; null for all.</param>
public sealed class LayerAlignment(IDiscrepancy discrepancy, IReadOnlyList<int>? links = null) : IObjective
{
    private readonly IDiscrepancy discrepancy = discrepancy ?? throw new ArgumentNullException(nameof(discrepancy));
    private readonly IReadOnlyList<int>? links = Checked(links);

    /// <inheritdoc />
    public string Name => $"{discrepancy.GetType().Name} of layers";

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [discrepancy];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var target = step.Layers(step.Target);
        if (links?.FirstOrDefault(link => link >= target.Count, -1) is { } beyond and >= 0)
        {
            throw new ArgumentException(
                $"links must be below {target.Count}, how many the extractor has; got {beyond}. "
                    + "ExtractorChain.Of(lower, upper) makes an extractor of links, and "
                    + "new TappedExtractor(network, \"layer\") one of named layers and the features.",
                nameof(step)
            );
        }
        var gaps = new List<Tensor>();
        foreach (var source in step.Sources)
        {
            var layers = step.Layers(source);
            foreach (var link in links ?? [.. Enumerable.Range(0, target.Count)])
            {
                Canceling.Check();
                var (of, at) = (layers[link].flatten(1), target[link].flatten(1));
                gaps.Add(Alignment.Gap(discrepancy, of, at, source.Weights));
            }
        }
        return stack([.. gaps]).sum() / step.Sources.Count;
    }

    private static IReadOnlyList<int>? Checked(IReadOnlyList<int>? links)
    {
        if (links is not null && (links.Count == 0 || links.Any(link => link < 0)))
        {
            throw new ArgumentException(
                $"links must be numbers of links, from 0, one at least; got [{string.Join(", ", links)}].",
                nameof(links)
            );
        }
        return links;
    }
}
