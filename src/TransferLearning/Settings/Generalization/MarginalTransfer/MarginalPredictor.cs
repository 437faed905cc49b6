using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// Marginal transfer learning (MTL): a predictor that reads a row's features and, beside them, those of its domain: the
/// mean of the rows that it is given together.
/// </summary>
/// <remarks>
/// <c>h([f, m])</c> with m the mean feature of the rows that are predicted at once, so that rows of one domain belong
/// together and a row alone is its own mean (Blanchard, Deshmukh, Dogan, Lee and Scott 2021, "Domain Generalization by
/// Marginal Transfer Learning", whose predictor is a kernel machine on pairs of a row and its domain's distribution;
/// for networks as the algorithm MTL of Gulrajani and Lopez-Paz 2021). <see cref="MarginalRisk"/> trains it. The inner
/// predictor stays the caller's.
/// </remarks>
[SavedPart("marginal-predictor")]
public sealed class MarginalPredictor : ILabelPredictor, IComposite, ISavedPart, IGraphPart, IPlanned
{
    private ILabelPredictor? inner;

    private MarginalPredictor() { } // filled by Exchange

    /// <summary>Reads rows beside their domain.</summary>
    /// <param name="inner">
    /// The predictor h of features and the domain's mean side by side, <c>[n, 2 d]</c>, to scores <c>[n, C]</c> or
    /// values <c>[n, k]</c>.
    /// </param>
    public MarginalPredictor(ILabelPredictor inner) =>
        this.inner = inner ?? throw new ArgumentNullException(nameof(inner));

    /// <inheritdoc />
    public IReadOnlyList<IPart> Inner => [inner!];

    /// <inheritdoc />
    public ScoreKind ScoreKind => inner!.ScoreKind;

    /// <inheritdoc />
    public bool SaysUnknown => inner!.SaysUnknown;

    /// <summary>Predicts rows that are all of one domain.</summary>
    /// <param name="features">Features <c>[n, d]</c>.</param>
    public Tensor Predict(Tensor features)
    {
        Guard.Rows(features);
        using var scope = NewDisposeScope();
        return Predict(features, features.mean([0L])).MoveToOuterDisposeScope();
    }

    /// <summary>Predicts rows of a domain whose mean feature is known.</summary>
    /// <param name="features">Features <c>[n, d]</c>.</param>
    /// <param name="domain">The domain's mean feature <c>[d]</c>.</param>
    /// <returns>
    /// Scores <c>[n, C]</c> or values <c>[n, k]</c>, differentiable in both; the caller disposes them.
    /// </returns>
    public Tensor Predict(Tensor features, Tensor domain)
    {
        Guard.Rows(features);
        Guard.Alive(domain);
        if (!domain.shape.SequenceEqual([features.shape[1]]))
        {
            throw new ArgumentException(
                $"domain must be a mean of the features, [{features.shape[1]}]; got {Shape.Of(domain)}.",
                nameof(domain)
            );
        }
        using var scope = NewDisposeScope();
        return inner!
            .Predict(cat([features, domain.to(features.dtype).expand(features.shape)], 1))
            .MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Part("inner", ref inner);
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs) =>
        graph.Refuse("a row is read beside the others of its batch: a file, whose rows stand alone, cannot.");

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) =>
        plan.Current is NetworkTraining && plan.Training.Passes == DomainPasses.Joined
            ? ["reads a domain off the rows that pass together: take DomainPasses.Apart."]
            : [];
}
