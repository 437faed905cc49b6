using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Evaluation;

/// <summary>
/// Leave one domain out: each labeled domain in turn is held out, a chain is fitted to the others without seeing it,
/// and judged on it.
/// </summary>
/// <remarks>
/// The protocol of domain generalization (Gulrajani and Lopez-Paz 2021, "In Search of Lost Domain Generalization").
/// What is chosen by its figures, a setting or a method, has seen the held-out labels: choose on the sources alone, by
/// <c>SourceAccuracy</c> on held-out source rows for instance.
/// </remarks>
public sealed class LeaveOneDomainOut
{
    /// <summary>The labeled domains, at least two, of one label space of classes.</summary>
    public required IReadOnlyList<LabeledDomain> Domains { get; init; }

    /// <summary>Their names in the result; null, the default, for "domain 0" and so on.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>The seeds; the chain is fitted once for each held-out domain and seed. Default 0.</summary>
    public IReadOnlyList<long> Seeds { get; init; } = [0];

    /// <summary>Fits and judges.</summary>
    /// <param name="chain">
    /// Makes the chain for a seed, with new modules each time: every fit is its own. It is fitted by
    /// <see cref="AdaptationBuilder.FitWithoutTarget"/>.
    /// </param>
    /// <param name="options">Options of all fits, the seed excepted; null for the defaults. No checkpoints.</param>
    /// <param name="progress">Hears the share of the fits that is done, from 0 to 1.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <returns>One line a held-out domain, in their order, and their mean.</returns>
    /// <exception cref="ArgumentException">
    /// There are too few domains, a name or a seed is missing or stands twice, or checkpoints are asked for.
    /// </exception>
    /// <exception cref="InvalidAdaptationException">The chain does not fit the domains.</exception>
    /// <exception cref="OperationCanceledException">The run was canceled.</exception>
    public GeneralizationResult Run(
        Func<long, AdaptationBuilder> chain,
        FitOptions? options = null,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(chain);
        options ??= new FitOptions();
        Check(options);
        var lines = new List<HeldOutDomain>();
        var done = 0;
        for (var i = 0; i < Domains.Count; i++)
        {
            var accuracies = new List<AccuracyInterval>();
            foreach (var seed in Seeds)
            {
                cancellationToken.ThrowIfCancellationRequested();
                accuracies.Add(Judged(chain(seed), i, options with { Seed = seed }, cancellationToken));
                progress?.Report((double)++done / (Domains.Count * Seeds.Count));
            }
            lines.Add(new HeldOutDomain(NameOf(i), accuracies));
        }
        return new GeneralizationResult(lines);
    }

    private AccuracyInterval Judged(AdaptationBuilder chain, int heldOut, FitOptions options, CancellationToken stop)
    {
        using var scope = NewDisposeScope();
        using var model = chain.FitWithoutTarget(
            [.. Domains.Where((_, i) => i != heldOut)],
            options,
            cancellationToken: stop
        );
        return JudgedAccuracy.Of(model, Domains[heldOut], DomainId.Target, stop);
    }

    private string NameOf(int domain) =>
        Names?[domain] ?? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"domain {domain}");

    private void Check(FitOptions options)
    {
        ArgumentNullException.ThrowIfNull(Domains);
        if (Domains.Count < 2 || Domains.Any(domain => domain is null))
        {
            throw new ArgumentException(
                $"at least 2 domains are needed, one to hold out and one to learn from; got {Domains.Count}."
            );
        }
        if (Domains.FirstOrDefault(domain => !domain.Space.IsClasses) is { } other)
        {
            throw new ArgumentException($"an accuracy is of classes; a domain has {other.Space}.");
        }
        if (Domains.Any(domain => domain.Space != Domains[0].Space))
        {
            throw new ArgumentException(
                "the domains must have the same classes; got "
                    + $"{string.Join(", ", Domains.Select(it => it.Space).Distinct())}."
            );
        }
        if (
            Names is not null
            && (Names.Count != Domains.Count || Names.Distinct(StringComparer.Ordinal).Count() < Names.Count)
        )
        {
            throw new ArgumentException(
                $"Names must be one for each of the {Domains.Count} domains, each once; got "
                    + $"{string.Join(", ", Names)}."
            );
        }
        if (Seeds.Count == 0 || Seeds.Distinct().Count() < Seeds.Count)
        {
            throw new ArgumentException(
                $"Seeds must be at least one, each once, because each is a fit of its own; got "
                    + $"{string.Join(", ", Seeds)}."
            );
        }
        SeveralFits.RefuseCheckpoints(options);
    }
}
