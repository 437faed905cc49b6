using TorchSharp;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// Uncertainty weighting: several tasks of one network, each weighed by a variance that is learned with them.
/// </summary>
/// <remarks>
/// <c>sum_t exp(-s_t) L_t + s_t / 2</c> with the logarithms s of the tasks' variances, 0 at first (Kendall, Gal and
/// Cipolla 2018, "Multi-Task Learning Using Uncertainty to Weigh Losses for Scene Geometry and Semantics", equation 10;
/// of a squared error give half). A task that stays hard gets less weight, and the second term keeps all weights from
/// vanishing. The logarithms must move: <c>net.Main.Move(weighting.LogVariances)</c>.
/// </remarks>
public sealed class UncertaintyWeighting : IObjective, IDisposable
{
    private readonly IReadOnlyList<IObjective> tasks;

    /// <summary>Weighs tasks.</summary>
    /// <param name="tasks">The tasks' losses, two at least.</param>
    public UncertaintyWeighting(params IReadOnlyList<IObjective> tasks)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        if (tasks.Count < 2 || tasks.Any(task => task is null))
        {
            throw new ArgumentException(
                $"tasks must be two at least, and none may be null; got {tasks.Count}.",
                nameof(tasks)
            );
        }
        this.tasks = tasks;
        LogVariances = new ModulePart(() => new Variances(tasks.Count));
    }

    /// <summary>The part that holds the logarithms s <c>[tasks]</c>; it belongs to the objective.</summary>
    public ModulePart LogVariances { get; }

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => tasks.SelectMany(task => task.Parts.Prepend(task)).Append(LogVariances);

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var losses = stack([.. tasks.Select(task => task.Evaluate(step).reshape([]))]);
        return Of(losses, LogVariances.Module.parameters().Single().to(losses.device).to(losses.dtype));
    }

    /// <summary>The weighed sum.</summary>
    /// <param name="losses">The losses L <c>[tasks]</c>.</param>
    /// <param name="logVariances">The logarithms s <c>[tasks]</c>.</param>
    /// <returns>A scalar, differentiable in both; the caller disposes it.</returns>
    public static Tensor Of(Tensor losses, Tensor logVariances)
    {
        Guard.Alive(losses);
        Guard.Alive(logVariances);
        if (losses.dim() != 1 || !losses.shape.SequenceEqual(logVariances.shape))
        {
            throw new ArgumentException(
                $"logVariances must be as many as losses, [tasks]; got {Shape.Of(logVariances)} and "
                    + $"{Shape.Of(losses)}.",
                nameof(logVariances)
            );
        }
        using var scope = NewDisposeScope();
        return ((logVariances.neg().exp() * losses) + (logVariances / 2)).sum().MoveToOuterDisposeScope();
    }

    /// <summary>Disposes the logarithms.</summary>
    public void Dispose() => LogVariances.Dispose();

    private sealed class Variances : nn.Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Parameter logs;

        public Variances(long tasks)
            : base(nameof(Variances))
        {
            logs = nn.Parameter(zeros(tasks));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => input * logs.neg().exp();
    }
}
