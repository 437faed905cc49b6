using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// Soft labels across tasks: labeled target examples are to be read as the source's network reads their class,
/// likenesses of classes included.
/// </summary>
/// <remarks>
/// <c>-mean_i w_i sum_c l^(y_i)_c log softmax(z_i / T)_c</c> over the labeled target examples, where <c>l^(k)</c> is
/// the mean of <c>softmax(z / T)</c> over the source's examples of class k (Tzeng, Hoffman, Darrell and Saenko 2015,
/// equation 5). The soft labels are taken when training starts, so the network must have learned the source before, and
/// stay constant; they are checkpointed. A class without source examples has none, and its target examples add nothing.
/// One object serves one training at a time.
/// </remarks>
public sealed class ClassSoftLabels : IObjective, ITrainingHook
{
    private Tensor? labels; // [C, C]

    /// <summary>The temperature T, positive. Default 2, the paper's.</summary>
    [OptionRange(Above = 0)]
    public double Temperature { get; init; } = 2;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        if (step.Batch.LabeledTarget is not { Space.IsClasses: true } few)
        {
            throw new ArgumentException(
                "soft labels are of labeled target examples with classes; there are none: call FitFewShot with some.",
                nameof(step)
            );
        }
        var scores = step.Scores(few);
        return labels is null
            ? scores.sum() * 0 // the rehearsal: no source yet
            : Of(scores, few.Labels, labels, Temperature, few.Weights);
    }

    /// <summary>The mean tempered prediction of each class.</summary>
    /// <param name="scores">Logits <c>[n, C]</c> of labeled rows.</param>
    /// <param name="labels">Their class numbers, int64 <c>[n]</c>.</param>
    /// <param name="temperature">The temperature T.</param>
    /// <returns>
    /// Soft labels <c>[C, C]</c>, one row a class; all 0 for a class without rows; the caller disposes them.
    /// </returns>
    public static Tensor Means(Tensor scores, Tensor labels, double temperature)
    {
        Guard.Alive(labels);
        Guard.Rows(scores);
        Guard.Positive(temperature);
        using var scope = NewDisposeScope();
        var p = (scores.detach() / temperature).softmax(1);
        var isClass = labels.unsqueeze(0).eq(arange(scores.shape[1], dtype: int64, device: labels.device).unsqueeze(1));
        var shares = isClass.to(p.dtype);
        return (shares.matmul(p) / shares.sum(1, keepdim: true).clamp_min(1)).MoveToOuterDisposeScope();
    }

    /// <summary>The cross-entropy of tempered predictions with their classes' soft labels.</summary>
    /// <param name="scores">Logits <c>[n, C]</c>.</param>
    /// <param name="labels">
    /// Class numbers, int64 <c>[n]</c>, or class probabilities <c>[n, C]</c>, mixed labels, whose soft labels are mixed
    /// likewise.
    /// </param>
    /// <param name="softLabels">Soft labels <c>[C, C]</c>, one row a class.</param>
    /// <param name="temperature">The temperature T.</param>
    /// <param name="weights">Row weights <c>[n]</c>, or null. The mean is over rows, not over weights.</param>
    /// <returns>A scalar, differentiable in the scores; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores, Tensor labels, Tensor softLabels, double temperature, Tensor? weights = null)
    {
        Guard.Alive(labels);
        Guard.AliveOrNull(weights);
        Guard.Pair(scores, softLabels);
        Guard.Positive(temperature);
        var isMixed = labels.is_floating_point();
        if (isMixed)
        {
            Guard.Fitted(labels, softLabels.shape[0]);
        }
        using var scope = NewDisposeScope();
        var ofClasses = softLabels.detach();
        var wanted = isMixed ? labels.to(ofClasses.dtype).matmul(ofClasses) : ofClasses.index_select(0, labels);
        var rows = (wanted * (scores / temperature).log_softmax(1)).sum(1).neg();
        return (weights is null ? rows : rows * weights.detach().to(rows.dtype)).mean().MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        Forget();
        using var scope = NewDisposeScope();
        var scores = view.Domains.Sources.Select(
            (source, i) => view.Predictor.Predict(BatchedPass.Over(source.Rows, view.Extractor.For(DomainId.Source(i))))
        );
        var all = cat([.. scores]);
        var classes = cat([.. view.Domains.Sources.Select(source => source.Labels.to(all.device))]);
        labels = Means(all, classes, Temperature).DetachFromDisposeScope();
    }

    /// <inheritdoc />
    public void OnEnd() => Forget();

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("labels", ref labels);
    }

    private void Forget()
    {
        labels?.Dispose();
        labels = null;
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => [.. plan.OfClasses(), .. plan.LabeledTarget()];
}
