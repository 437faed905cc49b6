using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// CoDATS's adversary: one critic learns which domain a row comes from, the target or one of the sources, and reversed
/// gradients teach the extractor to hide it.
/// </summary>
/// <remarks>
/// The critic gives a logit for the target and one for each source, in this order; the term is the mean over all rows
/// of the cross-entropy of the domain's number, with <c>-lambda</c> times its gradient going to the extractor (Wilson,
/// Doppa and Cook 2020, "Multi-Source Deep Domain Adaptation with Weak Supervision for Time-Series Sensor Data").
/// Against <see cref="DomainAdversary"/>, where several sources count together, the sources must become alike as well.
/// Source rows weigh by their example weights. With a single source it is the critic of two classes.
/// </remarks>
/// <param name="critic">
/// Features <c>[n, d]</c> to one logit a domain, <c>[n, 1 + K]</c> for K sources; the phase moves it together with the
/// extractor.
/// </param>
/// <param name="reversal">
/// The factor lambda over progress. Default the ramp from 0 to 1, gamma 10, the authors'.
/// </param>
public sealed class MultiDomainAdversary(ILabelPredictor critic, Schedule? reversal = null) : IObjective
{
    private readonly ILabelPredictor critic = critic ?? throw new ArgumentNullException(nameof(critic));
    private readonly Schedule reversal = reversal ?? Schedule.SigmoidRamp();

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [critic];

    /// <inheritdoc />
    public BatchSplit Split => BatchSplit.Mean;

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.Target();
    }

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var features = cat([step.Features(step.Target), step.SourceFeatures()]);
        var judged = step.Scores(critic, GradientReversal.Apply(features, reversal.At(step.Progress)));
        if (judged.dim() != 2 || judged.shape[1] != step.Sources.Count + 1)
        {
            throw new ArgumentException(
                "the critic must give one logit for the target and one for each source, "
                    + $"[n, {step.Sources.Count + 1}]; it gave {Shape.Text(judged.shape)}.",
                nameof(step)
            );
        }
        var ofTarget = step.Target.Inputs.shape[0];
        Tensor[] numbers =
        [
            zeros(ofTarget, int64, judged.device),
            .. step.Sources.Select((batch, i) => full(batch.Inputs.shape[0], i + 1, int64, judged.device)),
        ];
        var weights = step.SourceWeights() is { } own ? cat([ones(ofTarget, own.dtype, own.device), own]) : null;
        return CrossEntropy.Of(judged, cat(numbers), weights);
    }
}
