using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>
/// Distribution alignment of a chosen strength (CReST+): FixMatch whose pseudo-labels are moved toward the labels'
/// shares, or toward evener ones.
/// </summary>
/// <remarks>
/// <para>
/// With p the weak view's probabilities, constants, s the classes' shares among the labeled rows and q the mean
/// prediction over the last batches, even before the first: <c>p~ = p (s^t + e) / (q + e)</c>, divided by its sum,
/// <c>s^t</c> by its sum before, e <c>1e-6</c>. The loss is <c>1/n sum_i 1[max p~_i &gt;= threshold] CE(z'_i, argmax
/// p~_i)</c> for logits <c>z'</c> of the strong view. At t 1 the pseudo-labels take the labels' shares, at 0 even ones:
/// over the generations of <see cref="ClassRebalancedSelfTraining"/> t falls from 1 to 0.5 (Wei, Sohn, Mellina, Yuille
/// and Yang 2021, "CReST: A Class-Rebalancing Self-Training Framework for Imbalanced Semi-Supervised Learning", section
/// 3.4, with the constants of the authors' program).
/// </para>
/// <para>The predictions' means are checkpointed. One object serves one training at a time.</para>
/// </remarks>
/// <param name="strong">The strong augmentation.</param>
/// <param name="weak">The weak augmentation, or null for the rows themselves.</param>
public sealed class ProgressiveAlignment(IAugmentation strong, IAugmentation? weak = null) : IObjective, ITrainingHook
{
    private const double Epsilon = 1e-6;

    private readonly IAugmentation strong = strong ?? throw new ArgumentNullException(nameof(strong));
    private readonly WeakViewAverages means = new(weak); // [Window, C]
    private Tensor? shares; // [C]

    /// <summary>The exponent t of the labels' shares, from 0 to 1. Default 1.</summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double Exponent { get; init; } = 1;

    /// <summary>The least confidence at which a row counts, from 0 to below 1. Default 0.95.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Threshold { get; init; } = 0.95;

    /// <summary>Over how many batches predictions are averaged, at least 1. Default 128, the authors'.</summary>
    [OptionRange(AtLeast = 1)]
    public int Window { get; init; } = 128;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => weak is null ? [strong] : [strong, weak];

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) => [.. plan.OfClasses(), .. plan.LabeledRows()];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        Tensor aligned;
        using (no_grad())
        {
            var p = means.Scores(step).softmax(1);
            var even = p.new_full(p.shape[1], 1.0 / p.shape[1]);
            aligned = Aligned(p, shares?.to(p.device) ?? even, means.Value?.mean([0L]) ?? even, Exponent);
        }
        var (confidence, labels) = aligned.max(1);
        return CrossEntropy.Of(step.Scores(step.View(strong, step.Target)), labels, confidence.ge(Threshold));
    }

    /// <summary>Predictions moved toward shares.</summary>
    /// <param name="probabilities">Predictions p <c>[n, C]</c>.</param>
    /// <param name="shares">The shares s <c>[C]</c>.</param>
    /// <param name="average">The predictions' own average q <c>[C]</c>.</param>
    /// <param name="exponent">The exponent t of the shares.</param>
    /// <returns>Probabilities <c>[n, C]</c>; the caller disposes them.</returns>
    public static Tensor Aligned(Tensor probabilities, Tensor shares, Tensor average, double exponent = 1)
    {
        Guard.Rows(probabilities);
        Guard.Alive(shares);
        Guard.Alive(average);
        Guard.NotNegative(exponent);
        using var scope = NewDisposeScope();
        var wanted = shares.pow(exponent).to(average.dtype);
        return ReMixMatch
            .Aligned(probabilities, (wanted / wanted.sum()) + Epsilon, average + Epsilon)
            .MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view)
    {
        means.Forget();
        OnResume(view);
    }

    /// <inheritdoc />
    public void OnResume(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        using var scope = NewDisposeScope();
        shares?.Dispose();
        shares = ClassShares.Of(view.Domains).DetachFromDisposeScope();
    }

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step) =>
        means.Follow(
            view,
            step,
            scores =>
            {
                var before = means.Value ?? scores.new_full([Window, scores.shape[1]], 1.0 / scores.shape[1]);
                return BatchMeans.After(before, scores.softmax(1), Window);
            }
        );

    /// <inheritdoc />
    public void OnEnd()
    {
        means.Forget();
        shares?.Dispose();
        shares = null;
    }

    /// <inheritdoc />
    public void Exchange(StateBag state) => means.Exchange(state, "means");
}
