using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>
/// Dash: FixMatch in which a row counts by its loss and not by its confidence, against a threshold that starts at the
/// target's own mean loss and falls.
/// </summary>
/// <remarks>
/// <para>
/// <c>0.9 sum_i k_i CE(z'_i, q_i) / sum_i k_i</c> with <c>k_i = 1[-log max softmax(z_i) &lt; r]</c> for logits z of the
/// weak and <c>z'</c> of the strong view, <c>q = softmax(z / T)</c> without gradient, and 0 where no row counts. Over
/// the first <see cref="WarmUp"/> of the training every row counts; <c>r_0</c> is then the mean of
/// <c>CE(z'_i, q_i)</c> over the target's rows, each as a step of that time has last read it, and
/// <c>r = max(g^-k r_0, r_min)</c> with k 1 at first and one more after each <see cref="Interval"/>. Once r is
/// <c>r_min</c>, q is the class itself (Xu et al. 2021, "Dash: Semi-Supervised Learning with Dynamic Thresholding", as
/// in the authors' program). With <see cref="StartsFromLabels"/> <c>r_0</c> is the labeled rows' mean loss instead.
/// </para>
/// <para>
/// The target's losses are m numbers for m rows, and are checkpointed. One object serves one training at a time.
/// </para>
/// </remarks>
/// <param name="strong">The strong augmentation.</param>
/// <param name="weak">The weak augmentation, or null for the rows themselves.</param>
public sealed class Dash(IAugmentation strong, IAugmentation? weak = null) : IObjective, ITrainingHook
{
    // The authors' program weighs the mean by it.
    private const double Scale = 0.9;
    private const double Slack = 1.0001;

    private readonly IAugmentation strong = strong ?? throw new ArgumentNullException(nameof(strong));

    // What r_0 is the mean of: float64 [m], -1 where no step has read the row; or one number, the labeled rows' loss.
    private Tensor? losses;

    /// <summary>The factor g by which the threshold falls each time, at least 1. Default 1.27.</summary>
    [OptionRange(AtLeast = 1)]
    public double Factor { get; init; } = 1.27;

    /// <summary>
    /// The share of the training in which every row counts, above 0 and below 1. Default 10/1024, the authors' 10
    /// epochs of 1,024.
    /// </summary>
    [OptionRange(Above = 0, Below = 1)]
    public double WarmUp { get; init; } = 10.0 / 1024;

    /// <summary>
    /// The share of the training between two falls of the threshold, above 0 and at most 1. Default 9/1024, the
    /// authors' 9 epochs.
    /// </summary>
    [OptionRange(Above = 0, AtMost = 1)]
    public double Interval { get; init; } = 9.0 / 1024;

    /// <summary>The least threshold <c>r_min</c>, positive. Default 0.05.</summary>
    [OptionRange(Above = 0)]
    public double Least { get; init; } = 0.05;

    /// <summary>The temperature T of soft labels, positive. Default 0.5.</summary>
    [OptionRange(Above = 0)]
    public double Temperature { get; init; } = 0.5;

    /// <summary>
    /// Whether <c>r_0</c> is the labeled rows' mean loss when the training starts, as in the paper, for a network that
    /// has learned these rows before: there is no warm-up then, and the threshold is <c>max(1.0001 g^-k r_0, r_min)</c>
    /// with k 0 at first. Default false, the authors' program.
    /// </summary>
    public bool StartsFromLabels { get; init; }

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => weak is null ? [strong] : [strong, weak];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var plain = Plain(step);
        var scores = step.Scores(step.View(strong, step.Target));
        var soft = Soft(plain, Temperature);
        if (losses is null || IsWarmUp(step.Progress))
        {
            var rows = CrossEntropy.PerRow(scores, soft);
            _ = step.Once(this, step.Target, () => rows.detach());
            return rows.mean() * Scale;
        }
        var isRead = losses.ge(0);
        var first = where(isRead, losses, 0).sum() / isRead.sum().clamp_min(1);
        var threshold = (first * Fall(step.Progress)).clamp_min(Least).to(plain.device);
        var hard = nn.functional.one_hot(plain.argmax(1), plain.shape[1]).to(soft.dtype);
        return Kept(plain, scores, where(threshold.le(Least), hard, soft), threshold);
    }

    /// <summary>The threshold at some progress; infinity while every row counts.</summary>
    /// <param name="loss">The mean loss <c>r_0</c> that it starts from.</param>
    /// <param name="progress">The share of training that is done, from 0 to 1.</param>
    public double Threshold(double loss, double progress)
    {
        Guard.Options(this);
        Guard.NotNegative(loss);
        return IsWarmUp(progress) ? double.PositiveInfinity : Math.Max(Fall(progress) * loss, Least);
    }

    /// <summary>The loss of two sets of logits.</summary>
    /// <param name="weak">Logits of the weak view <c>[n, C]</c>; taken as constants.</param>
    /// <param name="strong">Logits of the strong view <c>[n, C]</c>.</param>
    /// <param name="threshold">The loss of the weak view's class below which a row counts.</param>
    /// <param name="temperature">The temperature of soft labels.</param>
    /// <param name="isHard">Whether labels are the weak view's classes and not its tempered probabilities.</param>
    /// <returns>A scalar, differentiable in <paramref name="strong"/>; the caller disposes it.</returns>
    public static Tensor Of(Tensor weak, Tensor strong, double threshold, double temperature = 0.5, bool isHard = false)
    {
        Guard.Pair(weak, strong);
        Guard.NotNegative(threshold);
        Guard.Positive(temperature);
        using var scope = NewDisposeScope();
        var constant = weak.detach();
        var labels = isHard ? constant.argmax(1) : Soft(constant, temperature);
        return Kept(constant, strong, labels, full(1, threshold, float64, weak.device)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        OnEnd();
        using var scope = NewDisposeScope();
        losses = (
            StartsFromLabels ? tensor(new[] { OfLabels(view) }) : full(view.Domains.Target.Count, -1, float64)
        ).DetachFromDisposeScope();
    }

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(step);
        if (!IsWarmUp(step.Progress))
        {
            return;
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        // Where the term's weight was 0 nobody has read the rows: by the weights after the step.
        using var mode = EvaluationMode.Of(view.Extractor, view.Predictor);
        var now = step.Once(
            this,
            step.Target,
            () => CrossEntropy.PerRow(step.Scores(step.View(strong, step.Target)), Soft(Plain(step), Temperature))
        );
        if (losses!.device_type != now.device_type)
        {
            using var before = losses;
            losses = before.to(now.device).DetachFromDisposeScope();
        }
        losses.index_copy_(0, step.Target.Rows.to(losses.device), now.to(losses.dtype));
    }

    /// <inheritdoc />
    public void OnEnd()
    {
        losses?.Dispose();
        losses = null;
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("losses", ref losses);
    }

    private static double OfLabels(TrainingView view) =>
        view
            .Domains.Labeled.Select(pair =>
            {
                var (id, domain) = pair;
                var scores = view.Predictor.Predict(BatchedPass.Over(domain.Rows, view.Extractor.For(id)));
                var weights = domain.Weights is { } own ? own / own.mean() : null;
                var labels = domain.Labels.to(scores.device);
                return CrossEntropy.Of(scores, labels, weights?.to(scores.device)).ToDouble();
            })
            .Average();

    private static Tensor Soft(Tensor scores, double temperature) => (scores / temperature).softmax(1);

    // 0.9 times the mean over the rows whose class has a loss below the threshold.
    private static Tensor Kept(Tensor plain, Tensor scores, Tensor labels, Tensor threshold)
    {
        var isKept = CrossEntropy.PerRow(plain, plain.argmax(1)).lt(threshold);
        var sum = (CrossEntropy.PerRow(scores, labels) * isKept.to(scores.dtype)).sum();
        return sum / isKept.sum().clamp_min(1) * Scale;
    }

    private Tensor Plain(StepContext step)
    {
        using var quiet = no_grad();
        return step.Scores(weak is null ? step.Target : step.View(weak, step.Target));
    }

    private bool IsWarmUp(double progress) => !StartsFromLabels && progress < WarmUp;

    // What r_0 is multiplied by.
    private double Fall(double progress) =>
        StartsFromLabels
            ? Slack * Math.Pow(Factor, -Math.Floor(progress / Interval))
            : Math.Pow(Factor, -1 - Math.Floor((progress - WarmUp) / Interval));

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) =>
        StartsFromLabels ? [.. plan.OfClasses(), .. plan.LabeledRows()] : plan.OfClasses();
}
