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
/// Source rows weigh by their example weights. With a single source it is the critic of two classes. Of several
/// targets, <see cref="UnlabeledDomain.Joined"/>, each is a domain of its own where <see cref="Targets"/> says so.
/// </remarks>
/// <param name="critic">
/// Features <c>[n, d]</c> to one logit a domain, <c>[n, T + K]</c> for T targets and K sources, in this order; the
/// phase moves it together with the extractor.
/// </param>
/// <param name="reversal">
/// The factor lambda over progress. Default the ramp from 0 to 1, gamma 10, the authors'.
/// </param>
public sealed class MultiDomainAdversary(ILabelPredictor critic, Schedule? reversal = null) : IObjective, IJudged
{
    private readonly ILabelPredictor critic = critic ?? throw new ArgumentNullException(nameof(critic));
    private readonly Schedule reversal = reversal ?? Schedule.SigmoidRamp();

    /// <summary>
    /// How many targets the critic tells apart, at least 1: as many as were joined, or 1 for all together. Default 1.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int Targets { get; init; } = 1;

    IReadOnlyList<IPart> IJudged.Critics => [critic];

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [critic];

    /// <inheritdoc />
    public BatchSplit Split => BatchSplit.Mean;

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var joined = plan.Domains.HasTarget ? plan.Domains.Target.Sizes.Count : 1;
        return
        [
            .. plan.Target(),
            .. Targets > 1 && Targets != joined
                ? new[]
                {
                    $"Targets is {Targets}, and the target holds {joined} domain(s): UnlabeledDomain.Joined(...).",
                }
                : [],
        ];
    }

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var features = cat([step.Features(step.Target), step.SourceFeatures()]);
        var judged = step.Scores(critic, GradientReversal.Apply(features, reversal.At(step.Progress)));
        if (judged.dim() != 2 || judged.shape[1] != step.Sources.Count + Targets)
        {
            throw new ArgumentException(
                "the critic must give one logit for each target and one for each source, "
                    + $"[n, {step.Sources.Count + Targets}]; it gave {Shape.Text(judged.shape)}.",
                nameof(step)
            );
        }
        var ofTarget = step.Target.Inputs.shape[0];
        Tensor[] numbers =
        [
            Targets > 1 ? Members(step.Target) : zeros(ofTarget, int64, judged.device),
            .. step.Sources.Select((batch, i) => full(batch.Inputs.shape[0], i + Targets, int64, judged.device)),
        ];
        var weights = step.SourceWeights() is { } own ? cat([ones(ofTarget, own.dtype, own.device), own]) : null;
        return CrossEntropy.Of(judged, cat(numbers), weights);
    }

    private static Tensor Members(UnlabeledBatch target) =>
        target.Members
        ?? throw new ArgumentException(
            "the target's rows do not say which target they are of: join the targets by UnlabeledDomain.Joined(...)."
        );
}
