using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>
/// Distribution aligning refinery (DARP): FixMatch whose pseudo-labels of all target rows together are refined, by a
/// convex problem, until they have the classes' wanted shares.
/// </summary>
/// <remarks>
/// <para>
/// A memory holds the last prediction of every target row's weak view. From a share of the training on, every some
/// steps, all of them are refined (<see cref="Refined"/>); a row's label is then the class of its refined prediction,
/// and it counts where that is at least the threshold:
/// <c>1/n sum_i 1[max r_i &gt;= t] CE(z'_i, argmax r_i)</c> for logits <c>z'</c> of the strong view. Before it is
/// FixMatch (Kim, Hur, Park, Yang, Hwang and Shin 2020, "Distribution Aligning Refinery of Pseudo-label for Imbalanced
/// Semi-supervised Learning", algorithms 1 and 2, with the constants of the authors' program, which takes the mean of
/// two strong views).
/// </para>
/// <para>
/// The memory is <c>2 m C</c> numbers for m target rows, and is checkpointed. One object serves one training at a time.
/// </para>
/// </remarks>
/// <param name="strong">The strong augmentation.</param>
/// <param name="weak">The weak augmentation, or null for the rows themselves.</param>
public sealed class DistributionAligningRefinery(IAugmentation strong, IAugmentation? weak = null)
    : IObjective,
        ITrainingHook
{
    private const double Epsilon = 1e-6;
    private const int NewtonSteps = 10;

    private readonly IAugmentation strong = strong ?? throw new ArgumentNullException(nameof(strong));
    private Tensor? predictions; // [m, C]
    private Tensor? refined; // [m, C]
    private Tensor? counts; // [C]

    /// <summary>The least confidence t at which a row counts, from 0 to below 1. Default 0.95.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Threshold { get; init; } = 0.95;

    /// <summary>
    /// The classes' shares in the target, positive, of which their sum is taken; null for those of the labeled rows.
    /// An estimate for other shares than these is <c>Recipes.Bbse</c>.
    /// </summary>
    [OptionRange(Above = 0)]
    public IReadOnlyList<double>? Shares { get; init; }

    /// <summary>
    /// The share of the training before the first refinement, from 0 to 1. Default 0.4, the authors'.
    /// </summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double WarmUp { get; init; } = 0.4;

    /// <summary>How many steps lie between two refinements, at least 1. Default 10, the authors'.</summary>
    [OptionRange(AtLeast = 1)]
    public int Interval { get; init; } = 10;

    /// <summary>
    /// How many rows keep their probability of a class, as a multiple of the rows that it should have, positive.
    /// Default 2, the authors'.
    /// </summary>
    [OptionRange(Above = 0)]
    public double Kept { get; init; } = 2;

    /// <summary>How many rounds a refinement takes, at least 1. Default 10, the authors'.</summary>
    [OptionRange(AtLeast = 1)]
    public int Rounds { get; init; } = 10;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => weak is null ? [strong] : [strong, weak];

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var width = plan.Domains.Space.Width;
        IEnumerable<string> ofShares =
            Shares is null || Shares.Count == width
                ? []
                : [$"Shares must be {width} numbers, one a class; got {Shares.Count}."];
        return [.. plan.OfClasses(), .. Shares is null ? plan.LabeledRows() : ofShares, .. plan.OneBatchAStep()];
    }

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        Tensor confidence,
            labels;
        using (no_grad())
        {
            var read = Plain(step);
            if (refined is not null)
            {
                read = refined.index_select(0, step.Target.Rows.to(refined.device)).to(read.device);
            }
            (confidence, labels) = read.max(1);
        }
        return CrossEntropy.Of(step.Scores(step.View(strong, step.Target)), labels, confidence.ge(Threshold));
    }

    /// <summary>Predictions whose classes have wanted counts, and that differ from the given ones least.</summary>
    /// <remarks>
    /// First every class keeps its probability in the <c>k N_c</c> rows where it is largest, for the wanted count
    /// <c>N_c</c>, times <c>N_c</c> over what is kept, and rows are divided by their sums. Then
    /// <c>min_r sum_i KL(r_i || p_i) / H(p_i)</c> is solved for <c>sum_c r_ic = 1</c> and <c>sum_i r_ic = N_c</c>, so
    /// that sure rows change little: <c>r_ic = p_ic exp(-H(p_i) v_c) / sum_d p_id exp(-H(p_i) v_d)</c>, v by
    /// coordinates of the dual problem, each round the rows' multipliers in closed form and the classes' by Newton's
    /// steps on logarithms. The rows' sums hold exactly, the counts the better the more rounds are taken.
    /// </remarks>
    /// <param name="probabilities">Predictions p <c>[m, C]</c>.</param>
    /// <param name="counts">Wanted counts N <c>[C]</c>, whose sum is m.</param>
    /// <param name="kept">How many rows keep their probability of a class, as a multiple k of its count.</param>
    /// <param name="rounds">How many rounds are taken.</param>
    /// <returns>Refined predictions, float64 <c>[m, C]</c>; the caller disposes them.</returns>
    public static Tensor Refined(Tensor probabilities, Tensor counts, double kept = 2, int rounds = 10)
    {
        Guard.Rows(probabilities);
        Guard.Alive(counts);
        Guard.Positive(kept);
        ArgumentOutOfRangeException.ThrowIfLessThan(rounds, 1);
        var (rows, classes) = (probabilities.shape[0], probabilities.shape[1]);
        if (counts.dim() != 1 || counts.shape[0] != classes)
        {
            throw new ArgumentException($"counts must be [{classes}]; got {Shape.Of(counts)}.", nameof(counts));
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var wanted = counts.detach().to(float64).to(probabilities.device);
        var p = Cleaned(probabilities.detach().to(float64), wanted, kept);
        var logs = p.log();
        var entropy = (p * (p + Epsilon).log()).sum(1, keepdim: true).neg().clamp_min(1e-12);
        var aim = wanted.clamp_min(Epsilon).log();
        var v = zeros_like(aim);
        for (var round = 0; round < rounds; round++)
        {
            Canceling.Check();
            var scaled = logs - (logs - (entropy * v)).logsumexp(1, keepdim: true);
            for (var i = 0; i < NewtonSteps; i++)
            {
                var terms = scaled - (entropy * v);
                var slope = (terms.softmax(0) * entropy).sum(dim: 0);
                v += (terms.logsumexp(0) - aim) / slope;
            }
        }
        return (logs - (entropy * v)).softmax(1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        Forget();
        OnResume(view);
        var (rows, classes) = (view.Domains.Target.Count, view.Domains.Space.Width);
        using var scope = NewDisposeScope();
        predictions = full([rows, classes], 1.0 / classes, float64).DetachFromDisposeScope();
    }

    /// <inheritdoc />
    public void OnResume(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        using var scope = NewDisposeScope();
        var shares = Shares is null ? ClassShares.Of(view.Domains) : tensor([.. Shares], dtype: float64);
        counts?.Dispose();
        counts = (shares / shares.sum() * view.Domains.Target.Count).DetachFromDisposeScope();
    }

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(step);
        using var scope = NewDisposeScope();
        using var mode = EvaluationMode.Of(view.Extractor, view.Predictor);
        var plain = Plain(step).to(float64);
        if (predictions!.device_type != plain.device_type)
        {
            using var before = predictions;
            predictions = before.to(plain.device).DetachFromDisposeScope();
        }
        predictions.index_copy_(0, step.Target.Rows.to(plain.device), plain);
        if (view.Progress >= WarmUp && (refined is null || view.Step % Interval == 0))
        {
            var next = Refined(predictions, counts!, Kept, Rounds).DetachFromDisposeScope();
            refined?.Dispose();
            refined = next;
        }
    }

    /// <inheritdoc />
    public void OnEnd() => Forget();

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("predictions", ref predictions);
        state.Slot("refined", ref refined);
    }

    // The likeliest rows of each class alone, in the wanted counts.
    private static Tensor Cleaned(Tensor p, Tensor counts, double kept)
    {
        var (sorted, order) = p.sort(0, descending: true);
        var most = (counts * kept).floor();
        var stays = arange(p.shape[0], dtype: float64, device: p.device).unsqueeze(1).lt(most).to(float64);
        var factor = (counts + Epsilon) / ((sorted * stays).sum(dim: 0) + Epsilon);
        var scaled = (p * zeros_like(p).scatter_(0, order, stays) * factor) + Epsilon;
        return scaled / scaled.sum(1, keepdim: true);
    }

    private Tensor Plain(StepContext step) =>
        step.Scores(weak is null ? step.Target : step.View(weak, step.Target)).softmax(1);

    private void Forget()
    {
        predictions?.Dispose();
        refined?.Dispose();
        counts?.Dispose();
        (predictions, refined, counts) = (null, null, null);
    }
}
