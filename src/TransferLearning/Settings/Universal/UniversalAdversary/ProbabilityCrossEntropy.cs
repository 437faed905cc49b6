using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>A cross-entropy that takes the softmax twice, as the program of UAN's authors does.</summary>
/// <remarks>
/// <c>-log softmax(softmax(z))_y</c>, averaged over the labeled rows with their weights. A row of class y costs from
/// <c>log(e + C - 1) - 1</c> to <c>log(e + C - 1)</c>, so that the classifier is never pressed to be certain and its
/// entropies stay large. The paper has an ordinary cross-entropy (You, Long, Cao, Wang and Jordan 2019); the published
/// figures were made with this one.
/// </remarks>
public sealed record ProbabilityCrossEntropy : IObjective
{
    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) => plan.OfClasses();

    /// <inheritdoc />
    public BatchSplit Split => BatchSplit.Mean;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return stack([.. step.Labeled.Select(batch => Of(step.Scores(batch), batch.Labels, batch.Weights))]).mean();
    }

    /// <summary>The loss of some scores.</summary>
    /// <param name="scores">Logits <c>[n, C]</c>.</param>
    /// <param name="labels">Class numbers, int64 <c>[n]</c>, or class probabilities <c>[n, C]</c>.</param>
    /// <param name="weights">Row weights <c>[n]</c> of mean 1, or null.</param>
    /// <returns>A scalar, differentiable in the scores; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores, Tensor labels, Tensor? weights = null)
    {
        Guard.Rows(scores);
        Guard.Alive(labels);
        Guard.AliveOrNull(weights);
        using var scope = NewDisposeScope();
        return CrossEntropy.Of(scores.softmax(1), labels, weights).MoveToOuterDisposeScope();
    }
}
