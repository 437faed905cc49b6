using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// Cross-entropy of the labeled batches by another classifier than the predictor, on the same features.
/// </summary>
/// <remarks>
/// <see cref="CrossEntropy"/> of its scores: <c>mean_i w_i CE(C(f_i), y_i)</c>, averaged over the labeled batches.
/// </remarks>
/// <param name="classifier">The classifier.</param>
public sealed class ClassifierCrossEntropy(ILabelPredictor classifier) : IObjective
{
    private readonly ILabelPredictor classifier = classifier ?? throw new ArgumentNullException(nameof(classifier));

    /// <summary>
    /// The share of every label that is spread evenly over all classes, from 0 to below 1. Default 0.
    /// </summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double LabelSmoothing { get; init; }

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [classifier];

    /// <inheritdoc />
    public BatchSplit Split => BatchSplit.Mean;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Internal.Guard.Options(this);
        var losses = step.Labeled.Select(batch =>
            CrossEntropy.Of(step.Scores(classifier, step.Features(batch)), batch.Labels, batch.Weights, LabelSmoothing)
        );
        return stack([.. losses]).mean();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
