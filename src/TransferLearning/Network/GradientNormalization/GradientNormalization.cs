using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// GradNorm: several tasks of one network, weighed so that their gradients at the shared part are of like size and none
/// lags behind.
/// </summary>
/// <remarks>
/// <para>
/// <c>sum_t w_t L_t</c>. After each step <c>w_t = w_t - Rate sign(w_t g_t - G r_t^Alpha) g_t</c>, no less than 1e-3,
/// and all are divided by their mean: g_t is the length of <c>dL_t / dW</c> at the shared parameters W, G the mean of
/// <c>w_t g_t</c> and r_t the task's loss over its first one, divided by the mean of these over the tasks (Chen,
/// Badrinarayanan, Lee and Rabinovich 2018, "GradNorm: Gradient Normalization for Adaptive Loss Balancing in Deep
/// Multitask Networks", equations 1 and 2, the slope of the sum of absolute differences). Weights start at 1.
/// </para>
/// <para>
/// Costs a backward pass down to W for each task. The weights and the first losses are saved in checkpoints; one object
/// serves one training at a time.
/// </para>
/// </remarks>
public sealed class GradientNormalization : IObjective, ITrainingHook
{
    private const double Least = 1e-3;

    private readonly ITrainable shared;
    private readonly IReadOnlyList<IObjective> tasks;
    private Tensor? weights; // [tasks]
    private Tensor? first; // [tasks]: the losses of the first step

    /// <summary>Weighs tasks.</summary>
    /// <param name="shared">
    /// The part whose gradients are compared, the trunk or its last layer; parameters that take no gradient are left
    /// out.
    /// </param>
    /// <param name="tasks">The tasks' losses, two at least.</param>
    public GradientNormalization(ITrainable shared, params IReadOnlyList<IObjective> tasks)
    {
        ArgumentNullException.ThrowIfNull(shared);
        ArgumentNullException.ThrowIfNull(tasks);
        if (tasks.Count < 2 || tasks.Any(task => task is null))
        {
            throw new ArgumentException(
                $"tasks must be two at least, and none may be null; got {tasks.Count}.",
                nameof(tasks)
            );
        }
        (this.shared, this.tasks) = (shared, tasks);
    }

    /// <summary>How much a task that lags behind is favored, not negative. Default 1.5, the authors'.</summary>
    [OptionRange(AtLeast = 0)]
    public double Alpha { get; init; } = 1.5;

    /// <summary>The rate of the weights, positive. Default 0.025, the authors'.</summary>
    [OptionRange(Above = 0)]
    public double Rate { get; init; } = 0.025;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => tasks.SelectMany(task => task.Parts.Prepend(task)).Append(shared);

    /// <inheritdoc />
    public BatchSplit Split => BatchSplit.Refused;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var losses = tasks.Select(task => task.Evaluate(step).reshape([])).ToList();
        _ = step.Once(this, step.Batch, () => Slopes(losses));
        var all = stack([.. losses]);
        return weights is null ? all.sum() : (all * weights.to(all.device).to(all.dtype)).sum();
    }

    /// <summary>The weights after a step.</summary>
    /// <param name="weights">The weights w <c>[tasks]</c>.</param>
    /// <param name="lengths">The lengths g of the tasks' gradients <c>[tasks]</c>.</param>
    /// <param name="losses">The losses <c>[tasks]</c>.</param>
    /// <param name="first">The losses of the first step <c>[tasks]</c>.</param>
    /// <param name="alpha">How much a task that lags behind is favored.</param>
    /// <param name="rate">The rate.</param>
    /// <returns>The weights <c>[tasks]</c>, of mean 1; the caller disposes them.</returns>
    public static Tensor Next(
        Tensor weights,
        Tensor lengths,
        Tensor losses,
        Tensor first,
        double alpha = 1.5,
        double rate = 0.025
    )
    {
        Guard.Alive(weights);
        Guard.Alive(lengths);
        Guard.Alive(losses);
        Guard.Alive(first);
        Guard.NotNegative(alpha);
        Guard.Positive(rate);
        using var scope = NewDisposeScope();
        var share = losses / first.clamp_min(1e-12);
        var relative = share / share.mean().clamp_min(1e-12);
        var own = weights * lengths;
        var wanted = own.mean() * relative.clamp_min(0).pow(alpha);
        var moved = (weights - ((own - wanted).sign() * lengths * rate)).clamp_min(Least);
        return (moved / moved.mean()).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view)
    {
        Forget();
        var like = shared.Module.parameters().First();
        weights = ones([tasks.Count], like.dtype, like.device).DetachFromDisposeScope();
    }

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        using var scope = NewDisposeScope();
        var (lengths, losses) = step.Once(this, step.Batch, () => new TaskSlopes(null, null));
        if (lengths is null || losses is null)
        {
            return; // the term had weight 0 in this step
        }
        first ??= losses.clone().DetachFromDisposeScope();
        var next = Next(weights!, lengths, losses, first, Alpha, Rate).DetachFromDisposeScope();
        weights!.Dispose();
        weights = next;
    }

    /// <inheritdoc />
    public void OnEnd() => Forget();

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("weights", ref weights);
        state.Slot("first", ref first);
    }

    // Without a graph libtorch ends the process: a loss that no shared parameter moves has a gradient of length 0.
    private TaskSlopes Slopes(List<Tensor> losses)
    {
        var parameters = shared.Module.parameters().Where(it => it.requires_grad).ToList<Tensor>();
        Tensor Length(Tensor loss)
        {
            if (!loss.requires_grad || parameters.Count == 0)
            {
                return zeros_like(loss);
            }
            // Parameters that a loss does not reach get a gradient of 0, and no tensor without a value.
            var reaching = parameters.Aggregate(loss, (sum, parameter) => sum + (parameter.sum() * 0));
            var squares = autograd.grad([reaching], parameters, retain_graph: true).Select(it => it.square().sum());
            return squares.Aggregate((sum, next) => sum + next).sqrt();
        }
        var lengths = stack([.. losses.Select(Length)]).detach();
        return new TaskSlopes(lengths, stack([.. losses]).detach());
    }

    private void Forget()
    {
        weights?.Dispose();
        first?.Dispose();
        (weights, first) = (null, null);
    }

    private sealed record TaskSlopes(Tensor? Lengths, Tensor? Losses);

    IEnumerable<string> IPlanned.Faults(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.Training.GradientAccumulation > 1
            ? ["compares the tasks' gradients of one batch a step: GradientAccumulation must be 1."]
            : [];
    }
}
