using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// SI: parameters are held near their values after earlier tasks, those more whose moves made those tasks' losses fall.
/// </summary>
/// <remarks>
/// <para>
/// <c>Strength sum_i O_i (w_i - w0_i)^2</c>. During a training each parameter gathers <c>o_i = -sum_steps g_i dw_i</c>,
/// slope times move; when the task is over, <c>O_i = max(0, O_i + o_i / ((w_i - start_i)^2 + Damping))</c> and
/// <c>w0 = w</c> (Zenke, Poole and Ganguli 2017, "Continual Learning Through Synaptic Intelligence", equations 4 and
/// 5; the bound at 0, of the sum over the tasks, is their program's). Nothing is computed besides the training itself.
/// </para>
/// <para>
/// One object goes through all trainings, and <see cref="Consolidate"/> ends each task. The slope is that of all the
/// training's terms less this one's, at weight 1: set <see cref="Strength"/> and leave the weight, and let one phase
/// move the part, once a step. The state is saved in checkpoints.
/// </para>
/// </remarks>
/// <param name="part">The part that all tasks share.</param>
public sealed class SynapticIntelligence(ITrainable part) : IObjective, ITrainingHook, IDisposable
{
    // It gathers what gradients and moves are in float32.
    IEnumerable<string> IPlanned.Faults(ChainPlan plan) =>
        [
            .. plan.Training.Precision == Precision.AsData
                ? Array.Empty<string>()
                : [$"gathers gradients and moves exactly: train with Precision.AsData, not {plan.Training.Precision}."],
            .. plan.Training.GradientClipping is null
                ? Array.Empty<string>()
                : ["takes its own pull off the gradients, and clipped ones hold less: leave GradientClipping away."],
            .. Moves(plan) <= 1
                ? Array.Empty<string>()
                : [$"sees one gradient a step, and its part moves {Moves(plan)} times: let one phase move it, once."],
        ];

    // How often a step of the training moves the part.
    private int Moves(ChainPlan plan) =>
        plan.Current is NetworkTraining training
            ? training
                .Phases.Where(phase => TrainingParts.Trainables(phase.Moved).Contains(part, TrainingParts.ByModule))
                .Sum(phase => phase.Times)
            : 0;

    private readonly ITrainable part = part ?? throw new ArgumentNullException(nameof(part));
    private Tensor[] importance = [];
    private Tensor[] anchors = [];
    private Tensor[] starts = [];
    private Tensor[] gathered = [];
    private Tensor[] last = [];

    /// <summary>The strength, not negative. Default 0.1, the authors'.</summary>
    [OptionRange(AtLeast = 0)]
    public double Strength { get; init; } = 0.1;

    /// <summary>What is added to squared moves, positive. Default 0.1, the authors'.</summary>
    [OptionRange(Above = 0)]
    public double Damping { get; init; } = 0.1;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [part];

    /// <summary>
    /// How much each parameter matters to the tasks that are over, in the order of the module's parameters; empty
    /// before the first is. They belong to the object.
    /// </summary>
    public IReadOnlyList<Tensor> Importance => importance;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var parameters = part.Module.parameters().ToList();
        if (importance.Length == 0)
        {
            return parameters[0].sum() * 0; // the first task: nothing to hold yet
        }
        var terms = parameters.Select(
            (it, i) => ((it - anchors[i].to(it.device)).square() * importance[i].to(it.device)).sum()
        );
        return stack([.. terms]).sum() * Strength;
    }

    /// <summary>Ends a task: what it needed is held from now on.</summary>
    /// <exception cref="InvalidOperationException">No training has run since the last call.</exception>
    public void Consolidate()
    {
        if (starts.Length == 0)
        {
            throw new InvalidOperationException(
                "there is no task to end: let a training run with this object first, net.Minimize(...)."
            );
        }
        Guard.Options(this);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var parameters = part.Module.parameters().ToList();
        var added = parameters
            .Select((it, i) => gathered[i].to(it.device) / ((it - starts[i].to(it.device)).square() + Damping))
            .Select((own, i) => importance.Length == 0 ? own : own + importance[i].to(own.device))
            .Select(sum => sum.clamp_min(0).DetachFromDisposeScope())
            .ToArray();
        Release(importance, anchors, starts, gathered, last);
        (importance, anchors) = (added, Copies(parameters));
        (starts, gathered, last) = ([], [], []);
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view)
    {
        Release(starts, gathered, last);
        var parameters = part.Module.parameters().ToList();
        (starts, last) = (Copies(parameters), Copies(parameters));
        gathered = [.. parameters.Select(it => zeros_like(it.detach()).DetachFromDisposeScope())];
    }

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step)
    {
        using var scope = NewDisposeScope();
        var parameters = part.Module.parameters().ToList();
        for (var i = 0; i < parameters.Count; i++)
        {
            var now = parameters[i].detach();
            if (parameters[i].grad is { IsInvalid: false } slope)
            {
                var own = importance.Length == 0 ? slope : slope - Pull(i);
                gathered[i].sub_(own * (now - last[i]));
            }
            last[i].copy_(now);
        }
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        importance = Exchanged(state, "importance", importance);
        anchors = Exchanged(state, "anchors", anchors);
        starts = Exchanged(state, "starts", starts);
        gathered = Exchanged(state, "gathered", gathered);
        last = Exchanged(state, "last", last);
    }

    /// <summary>Disposes what was gathered.</summary>
    public void Dispose()
    {
        Release(importance, anchors, starts, gathered, last);
        (importance, anchors, starts, gathered, last) = ([], [], [], [], []);
    }

    // The slope of this term where the step began.
    private Tensor Pull(int i) =>
        (last[i] - anchors[i].to(last[i].device)) * importance[i].to(last[i].device) * (2 * Strength);

    private static Tensor[] Copies(IEnumerable<Tensor> parameters) =>
        [.. parameters.Select(it => it.detach().clone().DetachFromDisposeScope())];

    private static void Release(params ReadOnlySpan<Tensor[]> all)
    {
        foreach (var some in all)
        {
            Array.ForEach(some, tensor => tensor.Dispose());
        }
    }

    private static Tensor[] Exchanged(StateBag state, string name, Tensor[] own)
    {
        var scope = state.Scope(name);
        long count = own.Length;
        scope.Number("count", ref count);
        if (state.IsLoading && own.Length != count)
        {
            Release(own);
            own = new Tensor[count];
        }
        for (var i = 0; i < own.Length; i++)
        {
            Tensor? value = own[i];
            scope.Slot($"{i}", ref value);
            own[i] = value!;
        }
        return own;
    }
}
