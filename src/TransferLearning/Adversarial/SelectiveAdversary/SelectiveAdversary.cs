using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// SAN: a critic for each class, which sees rows as much as they are read as its class and counts as much as the target
/// is read as it, so that rows of classes that the target lacks are not aligned.
/// </summary>
/// <remarks>
/// <para>
/// With predictions <c>y = softmax(s z)</c> of source and target rows, constants, and <c>g_k = C sum_t y_k / sum_t
/// sum_l y_l</c> over all target rows seen so far: <c>1/(n + m) sum_k g_k (sum_s w y_k BCE(D_k, 1) + sum_t y_k
/// BCE(D_k, 0))</c>, minus its gradient to the extractor (Cao, Long, Wang and Jordan 2018, "Partial Transfer Learning
/// with Selective Adversarial Networks"). The paper has s = 1 and the mean of y over the target;
/// sharpness, the sums since the start and their mean of 1 over the classes are the authors' program's in Caffe, which
/// made the published figures. A gradient of its critics is weighed likewise.
/// </para>
/// <para>
/// The sums are in checkpoints; where a step accumulates several batches, the last one moves them. Several sources
/// count together as "source". One object serves one training at a time.
/// </para>
/// </remarks>
/// <param name="critics">One critic a class, in the classes' order; moved together with the extractor.</param>
/// <param name="reversal">
/// The factor of the reversed gradient over progress. Default a ramp from 0 to 1 that is at its end after half of the
/// training, the authors'.
/// </param>
public sealed class SelectiveAdversary(IReadOnlyList<IDomainCritic> critics, Schedule? reversal = null)
    : IObjective,
        ITrainingHook,
        IJudged
{
    private readonly IReadOnlyList<IDomainCritic> critics = SeveralCritics.Checked(critics, "class");
    private readonly Schedule reversal = reversal ?? Schedule.SigmoidRamp(gamma: 20);
    private Tensor? seen; // [C], float64

    /// <summary>
    /// The factor s of the scores: above 1 predictions count as more certain than they are. Default 10, the authors'.
    /// </summary>
    [OptionRange(Above = 0)]
    public double Sharpness { get; init; } = 10;

    /// <summary>
    /// What the critics minimize, and the extractor is opposed to. Default <see cref="CriticLoss.CrossEntropy"/>, the
    /// paper's.
    /// </summary>
    public CriticLoss Criterion { get; init; }

    IReadOnlyList<IPart> IJudged.Critics => critics;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => critics;

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var width = plan.Domains.Space.Width;
        return !plan.Domains.Space.IsClasses ? plan.OfClasses()
            : critics.Count == width ? []
            : [Fault(width)];
    }

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var features = cat([step.SourceFeatures(), step.Features(step.Target)]);
        var shares = Shares(cat([.. step.Sources.Select(step.Scores), step.Scores(step.Target)]));
        if (shares.shape[1] != critics.Count)
        {
            throw new ArgumentException(Fault(shares.shape[1]), nameof(step));
        }
        var sources = step.Sources.Sum(batch => batch.Inputs.shape[0]);
        var ofTarget = shares.narrow(0, sources, shares.shape[0] - sources);
        var followed = Follow(ofTarget);
        _ = step.Once(this, step.Batch, () => followed);
        var opposed = ReversedGradient.Of(features, reversal.At(step.Progress));
        var judged = stack([.. critics.Select(critic => step.Judgment(critic, opposed))], 1);
        return Of(
            judged.narrow(0, 0, sources),
            judged.narrow(0, sources, judged.shape[0] - sources),
            shares.narrow(0, 0, sources),
            ofTarget,
            followed,
            step.SourceWeights(),
            Criterion
        );
    }

    /// <summary>The critics' loss from their logits.</summary>
    /// <param name="source">Logits of source rows <c>[n, C]</c>, a column a critic.</param>
    /// <param name="target">Logits of target rows <c>[m, C]</c>.</param>
    /// <param name="sourceShares">Class probabilities of the source rows <c>[n, C]</c>, constants.</param>
    /// <param name="targetShares">Class probabilities of the target rows <c>[m, C]</c>, constants.</param>
    /// <param name="classes">How much the target is read as each class <c>[C]</c>, of any sum above 0.</param>
    /// <param name="sourceWeights">Weights of the source rows <c>[n]</c>, or null.</param>
    /// <param name="criterion">What the critics minimize.</param>
    /// <returns>A scalar, differentiable in the logits; the caller disposes it.</returns>
    public static Tensor Of(
        Tensor source,
        Tensor target,
        Tensor sourceShares,
        Tensor targetShares,
        Tensor classes,
        Tensor? sourceWeights = null,
        CriticLoss criterion = CriticLoss.CrossEntropy
    )
    {
        Guard.Pair(source, target);
        Guard.Pair(sourceShares, targetShares);
        Guard.Alive(classes);
        Guard.AliveOrNull(sourceWeights);
        if (classes.dim() != 1 || classes.shape[0] != source.shape[1])
        {
            throw new ArgumentException(
                $"classes must be one number a critic, [{source.shape[1]}]; got {Shape.Of(classes)}.",
                nameof(classes)
            );
        }
        using var scope = NewDisposeScope();
        var relative = (classes.detach() / classes.detach().mean()).to(source.dtype);
        var (ofSource, ofTarget) = DomainAdversary.Rows(source, target, criterion);
        ofSource = ofSource * sourceShares.detach().to(source.dtype) * relative;
        ofTarget = ofTarget * targetShares.detach().to(target.dtype) * relative;
        if (sourceWeights is not null)
        {
            ofSource *= sourceWeights.detach().to(source.dtype).unsqueeze(1);
        }
        return (
            (ofSource.sum() + ofTarget.sum()) / (double)(source.shape[0] + target.shape[0])
        ).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view) => Forget();

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        // Where the term's weight was 0 nobody has computed it: by the weights after the step, and without drawing.
        using var mode = EvaluationMode.Of(step.Extractor, step.Predictor);
        var next = step.Once(this, step.Batch, () => Follow(Shares(step.Scores(step.Target))));
        var kept = next.clone().DetachFromDisposeScope();
        seen?.Dispose();
        seen = kept;
    }

    /// <inheritdoc />
    public void OnEnd() => Forget();

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("seen", ref seen);
    }

    private Tensor Shares(Tensor scores) => (scores.detach() * Sharpness).softmax(1);

    private Tensor Follow(Tensor ofTarget)
    {
        var sums = ofTarget.to(float64).sum(dim: 0);
        return seen is null ? sums : sums + seen.to(sums.device);
    }

    private void Forget()
    {
        seen?.Dispose();
        seen = null;
    }

    private string Fault(long classes) => $"needs a critic for each of the {classes} classes; got {critics.Count}.";
}
