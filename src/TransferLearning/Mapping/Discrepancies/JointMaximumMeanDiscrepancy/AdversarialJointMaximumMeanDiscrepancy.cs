using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// JAN-A: the joint mean discrepancy behind learned layers that make it as large as they can, while the network makes
/// it small.
/// </summary>
/// <remarks>
/// <c>min over the network, max over a and b of D((a(f_s), b(p_s)), (a(f_t), b(p_t)))</c> with D the
/// <see cref="JointMaximumMeanDiscrepancy"/> of features f and class probabilities p (Long, Zhu, Wang and Jordan 2017,
/// "Deep Transfer Learning with Joint Adaptation Networks", equation 11). One pass serves both sides: the layers
/// receive the opposite of their gradient, the network its own, so that one phase moves all of them downwards. Costs
/// the layers' passes beside the discrepancy's.
/// </remarks>
/// <param name="ofFeatures">The layer a, features to rows of any width; start it at the identity or near it.</param>
/// <param name="ofProbabilities">The layer b, class probabilities to rows of any width, likewise.</param>
public sealed class AdversarialJointMaximumMeanDiscrepancy(
    IFeatureExtractor ofFeatures,
    IFeatureExtractor ofProbabilities
) : IObjective
{
    private readonly IFeatureExtractor ofFeatures = ofFeatures ?? throw new ArgumentNullException(nameof(ofFeatures));
    private readonly IFeatureExtractor ofProbabilities =
        ofProbabilities ?? throw new ArgumentNullException(nameof(ofProbabilities));

    /// <summary>The discrepancy behind the layers.</summary>
    public JointMaximumMeanDiscrepancy Discrepancy { get; init; } = new();

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [ofFeatures, ofProbabilities];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        (Tensor, Tensor) Of(IBatch batch)
        {
            Tensor Pass(IFeatureExtractor layer, Tensor rows) =>
                step.Features(layer, new UnlabeledBatch(rows, batch.Domain, batch.Rows));
            return Behind(step.Features(batch), step.Scores(batch).softmax(1), Pass);
        }
        var target = Of(step.Target);
        return step.Sources.Select(source => Discrepancy.Between(Of(source), target, source.Weights))
                .Aggregate((sum, next) => sum + next) / step.Sources.Count;
    }

    /// <summary>
    /// The discrepancy of two samples behind the layers, whose parameters get the opposite of its gradient.
    /// </summary>
    /// <param name="source">Source features <c>[n, d]</c> and probabilities <c>[n, C]</c>.</param>
    /// <param name="target">Target features <c>[m, d]</c> and probabilities <c>[m, C]</c>.</param>
    /// <returns>A scalar; the caller disposes it.</returns>
    public Tensor Between(
        (Tensor Features, Tensor Probabilities) source,
        (Tensor Features, Tensor Probabilities) target
    )
    {
        using var scope = NewDisposeScope();
        static Tensor Pass(IFeatureExtractor layer, Tensor rows) => layer.Extract(rows);
        return Discrepancy
            .Between(
                Behind(source.Features, source.Probabilities, Pass),
                Behind(target.Features, target.Probabilities, Pass)
            )
            .MoveToOuterDisposeScope();
    }

    // Turned round behind a layer and again before it: the layer alone sees the opposite gradient.
    private (Tensor, Tensor) Behind(
        Tensor features,
        Tensor probabilities,
        Func<IFeatureExtractor, Tensor, Tensor> pass
    ) => (Turned(pass(ofFeatures, Turned(features))), Turned(pass(ofProbabilities, Turned(probabilities))));

    // The difference is exactly 0 forward.
    private static Tensor Turned(Tensor rows)
    {
        var constant = rows.detach();
        return constant + (constant - rows);
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
