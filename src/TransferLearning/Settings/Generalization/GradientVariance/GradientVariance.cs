using TorchSharp.Modules;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// Fishr: the distance between the sources' variances of the classifier's gradients, one gradient a row.
/// </summary>
/// <remarks>
/// <para>
/// For a linear classifier on features f with errors <c>e = softmax(z) - y</c> the gradient of row i is <c>e_ic
/// f_ij</c> for the weight and <c>e_ic</c> for the intercept, where there is one; <c>v_k</c> is the variance over the
/// rows of source k of each of these m numbers, divided by n. The term is <c>1/K sum_k 1/m ||v_k - mean v||^2</c>
/// (Rame, Dancette and Cord 2022, "Fishr: Invariant Gradient Variances for Out-of-Distribution Generalization", section
/// 3, whose norm the authors' program divides by m, as here).
/// </para>
/// <para>
/// As in the authors' program, <c>v_k</c> is followed over the steps, <c>v = momentum v' + (1 - momentum) v_batch</c>
/// from 0 on, and divided by <c>1 - momentum</c>, so that the gradient keeps its size. The averages are in checkpoints.
/// No gradient of a single row is ever built: the variances follow from two products of matrices, n C d. It goes beside
/// a cross-entropy. Example weights weigh the gradients. Where a step accumulates several batches, the last one moves
/// the averages.
/// </para>
/// </remarks>
public sealed class GradientVariance : IObjective, ITrainingHook
{
    private Tensor? averages;

    /// <summary>The share of the old variance that is kept, from 0 to below 1. Default 0.95, the authors'.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Momentum { get; init; } = 0.95;

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var isLinear =
            plan.Current is not NetworkTraining training || training.Predictor is ITrainable { Module: Linear };
        string[] own = isLinear
            ? []
            :
            [
                "is of linear classifiers: let the predictor be nn.Linear, and whatever else stands before it be the "
                    + "extractor's.",
            ];
        return [.. plan.SeveralSources(), .. plan.OfClasses(), .. own];
    }

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var followed = Follow(Variances(step));
        step.Once(
            this,
            step.Batch,
            () =>
            {
                using var quiet = no_grad();
                return followed.detach();
            }
        );
        return Distance(followed / (1 - Momentum));
    }

    /// <summary>The variances of a linear classifier's gradients over some rows.</summary>
    /// <param name="features">The classifier's inputs <c>[n, d]</c>.</param>
    /// <param name="scores">Its logits <c>[n, C]</c>.</param>
    /// <param name="labels">Class numbers, int64 <c>[n]</c>, or class probabilities <c>[n, C]</c>.</param>
    /// <param name="weights">Row weights <c>[n]</c> of mean 1, or null.</param>
    /// <param name="hasIntercept">Whether the classifier has an intercept.</param>
    /// <returns>
    /// The variances <c>[C (d + 1)]</c>, the weight's before the intercept's, or <c>[C d]</c> without one,
    /// differentiable in features and scores; the caller disposes them.
    /// </returns>
    public static Tensor Of(
        Tensor features,
        Tensor scores,
        Tensor labels,
        Tensor? weights = null,
        bool hasIntercept = true
    )
    {
        Guard.Rows(features);
        Guard.Rows(scores);
        Guard.Alive(labels);
        Guard.AliveOrNull(weights);
        if (features.shape[0] != scores.shape[0])
        {
            throw new ArgumentException(
                $"scores must be [{features.shape[0]}, C], a row for each row of features; got {Shape.Of(scores)}.",
                nameof(scores)
            );
        }
        using var scope = NewDisposeScope();
        double n = features.shape[0];
        // Squares of large features leave nothing of a small variance in float32.
        var (rows, logits) = (features.to(float64), scores.to(float64));
        var errors = logits.softmax(1) - RowLabels.Of(labels, logits);
        if (weights is not null)
        {
            errors *= weights.detach().to(errors.dtype).unsqueeze(1);
        }
        var inputs = hasIntercept ? cat([rows, ones(rows.shape[0], 1, float64, rows.device)], 1) : rows;
        var mean = errors.t().matmul(inputs) / n;
        var squares = errors.square().t().matmul(inputs.square()) / n;
        var variances = (squares - mean.square()).clamp_min(0);
        var d = features.shape[1];
        var all = hasIntercept
            ? cat([variances.narrow(1, 0, d).reshape(-1), variances.narrow(1, d, 1).reshape(-1)])
            : variances.reshape(-1);
        return all.to(features.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>The mean squared distance of some vectors' numbers from the vectors' mean.</summary>
    /// <param name="variances">One vector a source <c>[K, m]</c>.</param>
    /// <returns>A scalar, differentiable in them; the caller disposes it.</returns>
    public static Tensor Distance(Tensor variances)
    {
        Guard.Rows(variances);
        using var scope = NewDisposeScope();
        return (variances - variances.mean([0L], keepdim: true)).square().mean().MoveToOuterDisposeScope();
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
        var next = step.Once(this, step.Batch, () => Follow(Variances(step)).detach());
        var kept = next.clone().DetachFromDisposeScope();
        averages?.Dispose();
        averages = kept;
    }

    /// <inheritdoc />
    public void OnEnd() => Forget();

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("averages", ref averages);
    }

    private static Tensor Variances(StepContext step)
    {
        var hasIntercept = step.Predictor is not ITrainable { Module: Linear { bias: null } };
        return stack([
            .. step.Sources.Select(batch =>
                Of(step.Features(batch), step.Scores(batch), batch.Labels, batch.Weights, hasIntercept)
            ),
        ]);
    }

    private Tensor Follow(Tensor variances) =>
        averages is null
            ? variances * (1 - Momentum)
            : (averages.to(variances.dtype) * Momentum) + (variances * (1 - Momentum));

    private void Forget()
    {
        averages?.Dispose();
        averages = null;
    }
}
