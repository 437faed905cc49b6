using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>Minus a discrepancy between the features of the sources and of the target.</summary>
/// <remarks>
/// Small gaps are what alignment asks for, so that this score likes whatever aligns most, also what mixes classes: use
/// it beside others.
/// </remarks>
/// <param name="discrepancy">The discrepancy.</param>
public sealed class FeatureDiscrepancy(IDiscrepancy discrepancy) : IModelScore
{
    private readonly IDiscrepancy discrepancy = discrepancy ?? throw new ArgumentNullException(nameof(discrepancy));

    /// <inheritdoc />
    public string Name => $"minus {discrepancy.GetType().Name}";

    /// <inheritdoc />
    public double Score(IFeatureExtractor extractor, ILabelPredictor predictor, DomainSet domains)
    {
        ArgumentNullException.ThrowIfNull(domains);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var features = domains.Through(extractor);
        var source = cat([.. features.Sources.Select(some => some.Inputs)]);
        return -discrepancy.Between(source, features.Target.Inputs).to(float64).item<double>();
    }
}
