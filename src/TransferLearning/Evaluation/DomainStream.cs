using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Evaluation;

/// <summary>
/// A model that is carried along a stream of target domains: adapted to one after the other, and judged on all of them
/// after each.
/// </summary>
/// <remarks>
/// The protocol of continual and of gradual adaptation. What the model remembers is the chain's matter: a chain over
/// the same modules goes on where the last fit ended; with the source in every fit (<see cref="Source"/>) it has a
/// memory, without it (<see cref="IsSourceFree"/>) only its parameters. The domains' labels judge and reach no fit. A
/// model that treats the domains of its fit differently reads the source as its source, and every target as its target.
/// </remarks>
public sealed class DomainStream
{
    /// <summary>The labeled source, of classes.</summary>
    public required LabeledDomain Source { get; init; }

    /// <summary>The targets in the order in which they come, at least one; of the source's label space.</summary>
    public required IReadOnlyList<LabeledDomain> Targets { get; init; }

    /// <summary>Whether fits see the target alone. Default false: they see the source as well.</summary>
    public bool IsSourceFree { get; init; }

    /// <summary>Adapts along the stream and judges.</summary>
    /// <param name="start">
    /// The model of the source; judged before the first target. It stays the caller's.
    /// </param>
    /// <param name="chain">
    /// Makes the chain of a target, by its place in the stream from 0 on; over the same modules each time for a model
    /// that is carried on.
    /// </param>
    /// <param name="options">Options of all fits; null for the defaults. No checkpoints.</param>
    /// <param name="progress">Hears the share of the fits that is done, from 0 to 1.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <returns>The accuracy on every domain after every fit.</returns>
    /// <exception cref="ArgumentException">
    /// There is no target, labels are of another space or values, or checkpoints are asked for.
    /// </exception>
    /// <exception cref="InvalidAdaptationException">A chain does not fit the domains.</exception>
    /// <exception cref="OperationCanceledException">The run was canceled.</exception>
    public StreamResult Run(
        AdaptedModel start,
        Func<int, AdaptationBuilder> chain,
        FitOptions? options = null,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(chain);
        Check(options);
        var lines = new List<IReadOnlyList<AccuracyInterval>> { Judged(start, cancellationToken) };
        for (var i = 0; i < Targets.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var target = Targets[i].WithoutLabels();
            using var model = IsSourceFree
                ? chain(i).FitSourceFree(target, Source.Space, options, null, cancellationToken)
                : chain(i).Fit(Source, target, options, null, cancellationToken);
            lines.Add(Judged(model, cancellationToken));
            progress?.Report((i + 1.0) / Targets.Count);
        }
        return new StreamResult(lines);
    }

    private IReadOnlyList<AccuracyInterval> Judged(AdaptedModel model, CancellationToken stop) =>
        [
            JudgedAccuracy.Of(model, Source, DomainId.Source(0), stop),
            .. Targets.Select(target => JudgedAccuracy.Of(model, target, DomainId.Target, stop)),
        ];

    private void Check(FitOptions? options)
    {
        ArgumentNullException.ThrowIfNull(Source);
        ArgumentNullException.ThrowIfNull(Targets);
        if (Targets.Count == 0 || Targets.Any(target => target is null))
        {
            throw new ArgumentException($"Targets must be one at least, and none null; got {Targets.Count}.");
        }
        if (!Source.Space.IsClasses || Targets.FirstOrDefault(it => it.Space != Source.Space) is not null)
        {
            throw new ArgumentException(
                $"the stream's domains must have the source's classes, {Source.Space}; got "
                    + $"{string.Join(", ", Targets.Select(it => it.Space).Distinct())}."
            );
        }
        SeveralFits.RefuseCheckpoints(options);
    }
}
