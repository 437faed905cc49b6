using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>
/// The accuracy on held-out rows of the sources, each source counted as near as it is to the target.
/// </summary>
/// <remarks>
/// The score is <c>sum_k v_k a_k / sum_k v_k</c> of the accuracies <c>a_k</c> on the sources' held-out rows, with
/// <c>v_k</c> the weight that <see cref="SourceRanking"/> gives to source k, <c>1 - d_k / 2</c> by its proxy A-distance
/// to the target, or by <see cref="Nearest"/> of the nearest sources alone. Distances are of the held-out rows' inputs
/// and the target's, not of the model's features, so that all models are judged by the same weights. With a single
/// source it is its accuracy, and tells nothing of a shift.
/// </remarks>
/// <param name="validation">
/// For each source, in their order, labeled rows that the model did not learn from, classes.
/// </param>
public sealed class NearestSources(IReadOnlyList<LabeledDomain> validation) : IModelScore
{
    private readonly IReadOnlyList<LabeledDomain> validation =
        validation ?? throw new ArgumentNullException(nameof(validation));

    /// <summary>How many of the nearest sources count; null, the default, for all of them.</summary>
    [OptionRange(AtLeast = 1)]
    public int? Nearest { get; init; }

    /// <summary>How sources are ranked.</summary>
    public SourceRanking Ranking { get; init; } = new();

    /// <inheritdoc />
    /// <exception cref="ArgumentException">
    /// The held-out rows are not of one domain for each source, or have other classes.
    /// </exception>
    public double Score(IFeatureExtractor extractor, ILabelPredictor predictor, DomainSet domains)
    {
        ArgumentNullException.ThrowIfNull(extractor);
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(domains);
        Guard.Options(this);
        if (validation.Count != domains.Sources.Count)
        {
            throw new ArgumentException(
                $"validation must be held-out rows of each of the {domains.Sources.Count} sources; got "
                    + $"{validation.Count}.",
                nameof(validation)
            );
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var target = Flat(domains.Target.Rows);
        var nearest = Ranking
            .Of(
                [.. validation.Select(one => Checked(one, domains).WithInputs(Flat(one.Rows)))],
                new UnlabeledDomain(target)
            )
            .Take(Nearest ?? validation.Count)
            .ToList();
        var all = nearest.Sum(one => one.Weight);
        return nearest.Sum(one => (all > 0 ? one.Weight / all : 1.0 / nearest.Count) * Accuracy(one.Source));

        double Accuracy(int source)
        {
            var features = BatchedPass.Over(validation[source].Rows, extractor.For(DomainId.Source(source)));
            var labels = validation[source].Labels.to(features.device);
            return predictor.Predict(features).argmax(1).eq(labels).to(float64).mean().ToDouble();
        }
    }

    private static LabeledDomain Checked(LabeledDomain held, DomainSet domains)
    {
        LabeledFeatures.HeldOut(held, domains);
        return held;
    }

    // On the CPU: held-out rows stay where they are made, the fit's may be elsewhere.
    private static Tensor Flat(IRowSource rows) => BatchedPass.Read(rows, 0, rows.Count).flatten(1).cpu();

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
