using TransferLearning.Augmentation;
using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// SelfReg: scores and features of rows of one class, whatever their domain, are drawn together, with no negative
/// pairs.
/// </summary>
/// <remarks>
/// <para>
/// All source rows are taken together. Each gets two partners of its own class, j and k, by random orders within the
/// class, and one <c>l ~ Beta(alpha, alpha)</c> is drawn. With scores z, features f, projections g of the features,
/// <c>z' = l z_j + (1 - l) z_k</c> and <c>g' = l g_j + (1 - l) g_k</c> the term is <c>c ( l (MSE(z, z_j) + a MSE(f,
/// g_j)) + (1 - l) (MSE(z, z') + a MSE(f, g')) )</c> with the factor a of features and <c>c = min(1, CE)</c> of the
/// rows' cross-entropy, a constant (Kim, Yoo, Park, Kim and Lee 2021, "SelfReg: Self-Supervised Contrastive
/// Regularization for Domain Generalization", without its stochastic weight averaging and its curriculum of domains).
/// </para>
/// <para>
/// It goes beside a cross-entropy. Gradients reach both sides of each pair, as in the authors' program. A row that is
/// alone in its class is its own partner. Example weights weigh the rows' squares. Soft labels count as their likeliest
/// class.
/// </para>
/// </remarks>
/// <param name="projector">
/// A part <c>[n, d]</c> to <c>[n, d]</c>, of three layers with batch normalization in the paper; the phase moves it.
/// </param>
public sealed class SelfRegularization(ILabelPredictor projector) : IObjective
{
    private readonly ILabelPredictor projector = projector ?? throw new ArgumentNullException(nameof(projector));

    /// <summary>The parameter of the Beta distribution: small mixes little. Default 0.5, the authors'.</summary>
    [OptionRange(Above = 0)]
    public double Alpha { get; init; } = 0.5;

    /// <summary>The factor a of the features' terms, not negative. Default 0.3, the authors'.</summary>
    [OptionRange(AtLeast = 0)]
    public double FeatureFactor { get; init; } = 0.3;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [projector];

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) => plan.OfClasses();

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var key = step.NextKey();
        var features = step.SourceFeatures();
        var projected = step.Scores(projector, features);
        if (!projected.shape.SequenceEqual(features.shape))
        {
            throw new ArgumentException(
                $"the projector must give as many numbers as there are features, {Shape.Text(features.shape)}; it gave "
                    + $"{Shape.Text(projected.shape)}.",
                nameof(step)
            );
        }
        var labels = cat([
            .. step.Sources.Select(batch => batch.Labels.is_floating_point() ? batch.Labels.argmax(1) : batch.Labels),
        ]);
        return Of(
            cat([.. step.Sources.Select(batch => step.Scores(batch))]),
            features,
            projected,
            labels,
            Partners(labels, key.Child(0)),
            Partners(labels, key.Child(1)),
            MixingShare.Draw(Alpha, key.Child(2)),
            FeatureFactor,
            step.SourceWeights()
        );
    }

    /// <summary>The term of some rows.</summary>
    /// <param name="scores">Logits <c>[n, C]</c>.</param>
    /// <param name="features">Features <c>[n, d]</c>.</param>
    /// <param name="projected">The features' projections <c>[n, d]</c>.</param>
    /// <param name="labels">Class numbers, int64 <c>[n]</c>.</param>
    /// <param name="partners">A partner for each row, int64 <c>[n]</c>.</param>
    /// <param name="further">A further partner for each row, int64 <c>[n]</c>.</param>
    /// <param name="share">The share l, from 0 to 1.</param>
    /// <param name="featureFactor">The factor a.</param>
    /// <param name="weights">Row weights <c>[n]</c> of mean 1, or null.</param>
    /// <returns>A scalar, differentiable in scores, features and projections; the caller disposes it.</returns>
    public static Tensor Of(
        Tensor scores,
        Tensor features,
        Tensor projected,
        Tensor labels,
        Tensor partners,
        Tensor further,
        double share,
        double featureFactor = 0.3,
        Tensor? weights = null
    )
    {
        Guard.Rows(scores);
        Guard.Pair(features, projected);
        Guard.Alive(labels);
        Guard.Alive(partners);
        Guard.Alive(further);
        Guard.InRange(share, 0, 1);
        Guard.NotNegative(featureFactor);
        Guard.AliveOrNull(weights);
        using var scope = NewDisposeScope();
        Tensor Gap(Tensor rows, Tensor others)
        {
            var squares = (rows - others).square().mean([1L]);
            return (weights is null ? squares : squares * weights.detach().to(squares.dtype)).mean();
        }
        Tensor Mixed(Tensor rows) =>
            (rows.index_select(0, partners) * share) + (rows.index_select(0, further) * (1 - share));
        var one =
            Gap(scores, scores.index_select(0, partners))
            + (Gap(features, projected.index_select(0, partners)) * featureFactor);
        var mixed = Gap(scores, Mixed(scores)) + (Gap(features, Mixed(projected)) * featureFactor);
        var factor = CrossEntropy.Of(scores.detach(), labels, weights).clamp_max(1);
        return (factor * ((one * share) + (mixed * (1 - share)))).MoveToOuterDisposeScope();
    }

    // A random row of the same class: the rows of each class in their order, matched with a random one.
    private static Tensor Partners(Tensor labels, RandomKey key)
    {
        using var quiet = no_grad();
        using var generator = key.Generator();
        var drawn = rand(labels.shape[0], dtype: float64, generator: generator).to(labels.device);
        var places = arange(labels.shape[0], dtype: float64, device: labels.device) / (labels.shape[0] + 1.0);
        var (own, other) = ((labels + places).argsort(0), (labels + drawn).argsort(0));
        return zeros_like(own).scatter_(0, own, other);
    }
}
