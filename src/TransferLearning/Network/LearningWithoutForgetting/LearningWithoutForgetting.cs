using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>LwF: on the rows of the new task the old head must go on saying what the network said before it.</summary>
/// <remarks>
/// <c>1/n sum_i KL(softmax(r_i / T) || softmax(z_i / T))</c>, z the old head's logits over the extractor under training
/// and r those of the network as it was, constants; averaged over the labeled batches (Li and Hoiem 2016, "Learning
/// without Forgetting", equations 2 to 4, whose cross-entropy has the same gradient up to the temperature; TLLib's
/// program without T^2). No row of the old task is needed. The old head must move with the network:
/// <c>net.Main.Move(oldHead)</c>, or the recipe.
/// </remarks>
/// <param name="oldHead">The head of the old task, over the extractor under training.</param>
/// <param name="recordedExtractor">
/// The extractor as it was, which no phase moves: <c>extractor.Replica()</c>. The caller disposes it.
/// </param>
/// <param name="recordedHead">The old head as it was, likewise.</param>
public sealed class LearningWithoutForgetting(
    ILabelPredictor oldHead,
    IFeatureExtractor recordedExtractor,
    ILabelPredictor recordedHead
) : IObjective
{
    private readonly ILabelPredictor oldHead = oldHead ?? throw new ArgumentNullException(nameof(oldHead));
    private readonly IFeatureExtractor recordedExtractor =
        recordedExtractor ?? throw new ArgumentNullException(nameof(recordedExtractor));
    private readonly ILabelPredictor recordedHead =
        recordedHead ?? throw new ArgumentNullException(nameof(recordedHead));

    /// <summary>The temperature T, positive. Default 2, the authors'.</summary>
    [OptionRange(Above = 0)]
    public double Temperature { get; init; } = 2;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [oldHead, recordedExtractor, recordedHead];

    /// <inheritdoc />
    public BatchSplit Split => BatchSplit.Mean;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var terms = new List<Tensor>();
        foreach (var batch in step.Labeled)
        {
            Tensor recorded;
            using (no_grad())
            {
                recorded = step.Scores(recordedHead, step.Features(recordedExtractor, batch));
            }
            terms.Add(Of(step.Scores(oldHead, step.Features(batch)), recorded, Temperature, batch.Weights));
        }
        return terms.Aggregate((sum, next) => sum + next) / terms.Count;
    }

    /// <summary>The divergence of two sets of logits.</summary>
    /// <param name="scores">Logits z <c>[n, C]</c>.</param>
    /// <param name="recorded">Logits r <c>[n, C]</c>; taken as constants.</param>
    /// <param name="temperature">The temperature T.</param>
    /// <param name="weights">Row weights <c>[n]</c>, or null. The mean is over rows, not over weights.</param>
    /// <returns>A scalar, differentiable in the scores; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores, Tensor recorded, double temperature = 2, Tensor? weights = null)
    {
        Guard.Pair(scores, recorded);
        Guard.AliveOrNull(weights);
        Guard.Positive(temperature);
        using var scope = NewDisposeScope();
        var wanted = (recorded.detach() / temperature).log_softmax(1);
        var rows = (wanted.exp() * (wanted - (scores / temperature).log_softmax(1))).sum(1);
        return (weights is null ? rows : rows * weights.detach().to(rows.dtype)).mean().MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
