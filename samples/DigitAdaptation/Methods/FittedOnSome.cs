using TransferLearning;

namespace DigitAdaptation.Methods;

/// <summary>
/// A map that is fitted on the first rows of every domain and then maps them all: for maps whose cost grows with the
/// cube of the rows.
/// </summary>
/// <param name="mapping">The map.</param>
/// <param name="rows">How many rows of each domain it is fitted on, at most.</param>
internal sealed class FittedOnSome(IFeatureMapping mapping, int rows) : IFeatureMapping
{
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        var source = domains.PooledSources();
        var count = Math.Min(rows, source.Count);
        var (inputs, labels) = (source.Inputs.narrow(0, 0, count), source.Labels.narrow(0, 0, count));
        return mapping.Fit(
            new DomainSet(
                [new LabeledDomain(inputs, labels, space: source.Space)],
                new UnlabeledDomain(domains.Target.Inputs.narrow(0, 0, Math.Min(rows, domains.Target.Count)))
            ),
            context
        );
    }
}
