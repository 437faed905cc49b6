using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>
/// Dash: FixMatch in which a row counts by its loss and not by its confidence, against a threshold that starts at the
/// labeled rows' mean loss and falls.
/// </summary>
/// <remarks>
/// <para>
/// <c>1/n sum_i 1[CE(z_i, q_i) &lt;= r] CE(z'_i, q_i)</c> for logits z of the weak and <c>z'</c> of the strong view,
/// <c>q = softmax(z / T)</c> without gradient, and <c>r = max(C g^-k r_0, r_min)</c>; <c>r_0</c> is the labeled rows'
/// mean cross-entropy when the training starts, and k counts from 0 to <see cref="Falls"/> in even parts of the
/// training. Once r is <c>r_min</c>, q is the class itself (Xu et al. 2021, "Dash: Semi-Supervised Learning with
/// Dynamic Thresholding", algorithm 1, with the constants of the authors' program). The network should have learned the
/// labeled rows before: begin with a <c>Train(...)</c> of these alone.
/// </para>
/// <para>The first threshold is checkpointed. One object serves one training at a time.</para>
/// </remarks>
/// <param name="strong">The strong augmentation.</param>
/// <param name="weak">The weak augmentation, or null for the rows themselves.</param>
public sealed class Dash(IAugmentation strong, IAugmentation? weak = null) : IObjective, ITrainingHook
{
    private const double Slack = 1.0001;

    private readonly IAugmentation strong = strong ?? throw new ArgumentNullException(nameof(strong));
    private double first = -1; // r_0, or none yet

    /// <summary>The factor g by which the threshold falls each time, at least 1. Default 1.27.</summary>
    [OptionRange(AtLeast = 1)]
    public double Factor { get; init; } = 1.27;

    /// <summary>
    /// How many times the threshold falls over the training, not negative. Default 100, every tenth of the authors'
    /// 1,024 epochs.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public int Falls { get; init; } = 100;

    /// <summary>The least threshold <c>r_min</c>, positive. Default 0.05.</summary>
    [OptionRange(Above = 0)]
    public double Least { get; init; } = 0.05;

    /// <summary>The temperature T of soft labels, positive. Default 0.5.</summary>
    [OptionRange(Above = 0)]
    public double Temperature { get; init; } = 0.5;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => weak is null ? [strong] : [strong, weak];

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
        var threshold = first < 0 ? Least : Threshold(first, step.Progress);
        return Of(plain, step.Scores(step.View(strong, step.Target)), threshold, Temperature, threshold <= Least);
    }

    /// <summary>The threshold at some progress, <c>max(C g^-k r_0, r_min)</c>.</summary>
    /// <param name="loss">The labeled rows' mean loss <c>r_0</c> at the start.</param>
    /// <param name="progress">The share of training that is done, from 0 to 1.</param>
    public double Threshold(double loss, double progress)
    {
        Guard.Options(this);
        Guard.NotNegative(loss);
        return Math.Max(Slack * Math.Pow(Factor, -Math.Floor(progress * Falls)) * loss, Least);
    }

    /// <summary>The loss of two sets of logits.</summary>
    /// <param name="weak">Logits of the weak view <c>[n, C]</c>; taken as constants.</param>
    /// <param name="strong">Logits of the strong view <c>[n, C]</c>.</param>
    /// <param name="threshold">The largest loss of the weak view at which a row counts.</param>
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
        var labels = isHard ? constant.argmax(1) : (constant / temperature).softmax(1);
        return CrossEntropy
            .Of(strong, labels, CrossEntropy.PerRow(constant, labels).le(threshold))
            .MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        using var scope = NewDisposeScope();
        var losses = view.Domains.Labeled.Select(pair =>
        {
            var (id, domain) = pair;
            var scores = view.Predictor.Predict(BatchedPass.Over(domain.Rows, view.Extractor.For(id)));
            var weights = domain.Weights is { } own ? own / own.mean() : null;
            var labels = domain.Labels.to(scores.device);
            return CrossEntropy.Of(scores, labels, weights?.to(scores.device)).ToDouble();
        });
        first = losses.Average();
    }

    /// <inheritdoc />
    public void OnEnd() => first = -1;

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Number("first threshold", ref first);
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
