using System.Diagnostics.CodeAnalysis;
using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// DST's pseudo head: a head of its own learns the predictor's pseudo-labels, so that their errors do not reach the
/// predictor that makes them.
/// </summary>
/// <remarks>
/// <c>1/n sum_i 1[max softmax(z_i) &gt;= threshold] CE(z'_i, argmax z_i)</c>, z the predictor's scores of the weak
/// view, constants, <c>z'</c> the head's of the strong view (Chen et al. 2022, equation 4). Only the features are
/// shared; the head is not part of the model.
/// </remarks>
/// <param name="head">The pseudo head, of the predictor's kind; the phase moves it together with the extractor.</param>
/// <param name="strong">The strong augmentation.</param>
/// <param name="weak">The weak augmentation, or null for the rows themselves.</param>
[Experimental("TL1001")]
public sealed class PseudoHead(ILabelPredictor head, IAugmentation strong, IAugmentation? weak = null) : IObjective
{
    private readonly ILabelPredictor head = head ?? throw new ArgumentNullException(nameof(head));
    private readonly IAugmentation strong = strong ?? throw new ArgumentNullException(nameof(strong));

    /// <summary>The least confidence at which a pseudo-label counts, from 0 to below 1. Default 0.95.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Threshold { get; init; } = 0.95;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => new IPart?[] { head, strong, weak }.OfType<IPart>();

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        Tensor plain;
        using (no_grad())
        {
            plain = step.Scores(weak is null ? step.Target : step.View(weak, step.Target));
        }
        var (confidence, labels) = plain.softmax(1).max(1);
        var scores = step.Scores(head, step.Features(step.View(strong, step.Target)));
        return CrossEntropy.Of(scores, labels, confidence.ge(Threshold));
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
