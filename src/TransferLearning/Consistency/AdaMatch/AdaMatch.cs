using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>
/// AdaMatch: FixMatch for another domain, with pseudo-labels in the source's shares and a threshold relative to the
/// network's confidence on the source.
/// </summary>
/// <remarks>
/// With p the weak view's probabilities, constants, and s the source's: <c>p~_i = p_i (mean s / mean p)</c>, divided by
/// its sum; a row counts where <c>max p~_i &gt;= t mean_j max s_j</c>; the loss is
/// <c>1/n sum_i 1[...] CE(z'_i, argmax p~_i)</c> for logits <c>z'</c> of the strong view (Berthelot, Roelofs, Sohn,
/// Carlini and Kurakin 2022, "AdaMatch: A Unified Approach to Semi-Supervised Learning and Domain Adaptation", section
/// 3). Means are over the step's batches; the source's by example weights. The paper's random interpolation of logits,
/// which is for batch normalization over both domains, is left out. Let the weight rise: the paper's is
/// <c>1/2 - cos(min(pi, 2 pi p)) / 2</c>.
/// </remarks>
/// <param name="strong">The strong augmentation.</param>
/// <param name="weak">The weak augmentation, of source rows too, or null for the rows themselves.</param>
public sealed class AdaMatch(IAugmentation strong, IAugmentation? weak = null) : IObjective
{
    private readonly IAugmentation strong = strong ?? throw new ArgumentNullException(nameof(strong));

    /// <summary>
    /// The threshold t as a share of the source's mean confidence, positive. Default 0.9, the paper's.
    /// </summary>
    [OptionRange(Above = 0)]
    public double Threshold { get; init; } = 0.9;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => weak is null ? [strong] : [strong, weak];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        Tensor source,
            target;
        using (no_grad())
        {
            Tensor Scores(IBatch batch) => step.Scores(weak is null ? batch : step.View(weak, batch));
            source = cat([.. step.Sources.Select(Scores)]);
            target = Scores(step.Target);
        }
        return Of(source, target, step.Scores(step.View(strong, step.Target)), Threshold, step.SourceWeights());
    }

    /// <summary>The loss of some logits.</summary>
    /// <param name="source">Logits of source rows <c>[n, C]</c>; taken as constants.</param>
    /// <param name="weak">Logits of the target's weak view <c>[m, C]</c>; taken as constants.</param>
    /// <param name="strong">Logits of the target's strong view <c>[m, C]</c>.</param>
    /// <param name="threshold">The threshold as a share of the source's mean confidence.</param>
    /// <param name="weights">Weights of the source rows <c>[n]</c>, or null; relative to their sum.</param>
    /// <returns>A scalar, differentiable in <paramref name="strong"/>; the caller disposes it.</returns>
    public static Tensor Of(Tensor source, Tensor weak, Tensor strong, double threshold = 0.9, Tensor? weights = null)
    {
        Guard.Alive(strong);
        Guard.AliveOrNull(weights);
        Guard.Pair(source, weak);
        Guard.Pair(weak, strong);
        Guard.Positive(threshold);
        using var scope = NewDisposeScope();
        var (s, p) = (source.detach().softmax(1), weak.detach().softmax(1));
        var shares = RowShares.Of(source, weights).to(s.dtype);
        var aligned = p * (shares.unsqueeze(0).matmul(s) / p.mean([0L], keepdim: true).clamp_min(1e-12));
        var (confidence, labels) = (aligned / aligned.sum(1, keepdim: true).clamp_min(1e-12)).max(1);
        var least = shares.dot(s.amax([1L])) * threshold;
        return CrossEntropy.Of(strong, labels, confidence.ge(least)).MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
