using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// PADA's weights: source rows weigh as much as the target's predictions say that their class occurs there, so that
/// classes which the target lacks fade out.
/// </summary>
/// <remarks>
/// <para>
/// <c>gamma = 1/m sum_j softmax(z_j / T)</c> over the target's scores z, divided by its largest entry; a row of class c
/// weighs <c>gamma_c</c> (Cao, Ma, Long and Wang 2018, "Partial Adversarial Domain Adaptation", equation 5, where T =
/// 1). Rows with soft labels weigh by the mean over their classes.
/// </para>
/// <para>
/// Before every epoch the whole target passes the network; in between the weights stay. Outside a training they come
/// from the step's own target batch. They carry no gradient, and are checkpointed. One object serves one training at a
/// time; cross-entropy and a critic may share it.
/// </para>
/// </remarks>
public sealed class TargetClassWeights : IRowWeights, ITrainingHook
{
    private Tensor? weights;

    /// <summary>
    /// The temperature T that the scores are divided by; below 1 predictions count as more certain than they are.
    /// Default 1, the paper's.
    /// </summary>
    [OptionRange(Above = 0)]
    public double Temperature { get; init; } = 1;

    /// <summary>The weights of the classes.</summary>
    /// <param name="scores">The target's logits <c>[m, C]</c>.</param>
    /// <returns>
    /// Weights <c>[C]</c> in 0 ... 1, the largest of them 1, without gradient; the caller disposes them.
    /// </returns>
    public Tensor Of(Tensor scores)
    {
        Guard.Rows(scores);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var shares = (scores / Temperature).softmax(1).mean([0L]);
        return (shares / shares.max()).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public Tensor Weigh(StepContext step, LabeledBatch batch)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(batch);
        if (!batch.Space.IsClasses)
        {
            throw new ArgumentException($"weighs classes; the labels are {batch.Space}.", nameof(batch));
        }
        using var scope = NewDisposeScope();
        var ofClasses = weights?.to(batch.Labels.device) ?? Of(step.Scores(step.Target));
        return OfRows(ofClasses, batch.Labels).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnEpoch(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        using var scope = NewDisposeScope();
        var features = BatchedPass.Over(view.Domains.Target.Rows, view.Extractor.For(DomainId.Target));
        Keep(Of(view.Predictor.Predict(features)));
    }

    /// <inheritdoc />
    public void OnEnd() => Keep(null); // the next training may be of other domains

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("class weights", ref weights);
    }

    private static Tensor OfRows(Tensor ofClasses, Tensor labels) =>
        labels.is_floating_point() ? labels.matmul(ofClasses.to(labels.dtype)) : ofClasses.index_select(0, labels);

    private void Keep(Tensor? next)
    {
        weights?.Dispose();
        weights = next?.DetachFromDisposeScope();
    }
}
