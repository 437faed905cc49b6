using Microsoft.Extensions.Logging;
using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>
/// Moves the parts of each phase by the gradients of its objectives, and keeps what that needs between steps:
/// optimizers, exact copies of rounded weights, the factor on float16 losses.
/// </summary>
internal sealed class PhaseUpdates(NetworkTraining training, TrainingOptions options, FitRun run, SharedSteps? shared)
    : IDisposable
{
    private readonly LossWatch watch = new(() => run.Checkpointer.LastPath);
    private readonly LossScale? scale = options.Precision == Precision.Float16 ? new LossScale() : null;
    private readonly List<PartOptimizer> optimizers = [];
    private readonly List<ActivePhase> phases = [];
    private MasterWeights? masters;
    private ActivePhase? active;
    private long activeEpoch = -1;

    /// <summary>The parts that are moved.</summary>
    public IEnumerable<ITrainable> Moved => optimizers.Select(optimizer => optimizer.Part);

    /// <summary>The parameters that move in an epoch.</summary>
    public IEnumerable<Parameter> Moving(long epoch) => optimizers.SelectMany(optimizer => optimizer.Moving(epoch));

    /// <summary>The modules that stay in evaluation mode by the parts' plans.</summary>
    public IEnumerable<nn.Module> AtRest => optimizers.SelectMany(optimizer => optimizer.AtRest);

    /// <summary>Makes the optimizers; weights that are kept in fewer bits are rounded here.</summary>
    public void Start(List<ITrainable> moved)
    {
        if (options.Precision != Precision.AsData)
        {
            masters = new MasterWeights(moved, scale is null ? bfloat16 : float16);
        }
        foreach (var part in moved)
        {
            optimizers.Add(PartOptimizer.Of(part, training, options, masters));
        }
        foreach (var phase in training.Phases)
        {
            var inside = TrainingParts.Trainables(phase.Moved);
            phases.Add(
                new ActivePhase(
                    phase,
                    [.. optimizers.Where(optimizer => inside.Contains(optimizer.Part, TrainingParts.ByModule))]
                )
            );
        }
    }

    /// <summary>All phases, in their order, each as often as it says.</summary>
    /// <param name="contexts">The batches that gradients are accumulated over.</param>
    /// <param name="step">The step, from 0.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="progress">The share of training that is done.</param>
    /// <returns>The values of the objectives.</returns>
    public List<(string, Tensor)> Step(StepContext[] contexts, long step, long epoch, double progress)
    {
        var rate = options.LearningRate.At(progress);
        optimizers.ForEach(optimizer => optimizer.SetRate(rate));
        var values = new List<(string, Tensor)>();
        foreach (var phase in phases)
        {
            Activate(phase, epoch);
            for (var time = 0; time < phase.Description.Times; time++)
            {
                Descend(phase, contexts, step, epoch, progress, values);
            }
        }
        return values;
    }

    /// <summary>Looks at every value that waits to be looked at.</summary>
    /// <exception cref="DivergenceException">One is not finite.</exception>
    public void Flush() => watch.Flush();

    /// <summary>Warns of phases that had no gradient in any step.</summary>
    public void WarnIfIdle()
    {
        foreach (var phase in phases.Where(phase => !phase.HasGradient))
        {
            var names = string.Join(", ", phase.Description.Objectives.Select(term => term.Objective.Name));
            run.Warn(
                $"a phase has moved nothing: in no step had its objective(s) {names} a gradient for what it "
                    + "moves. Their weights may be 0 throughout, something cuts the graph, or float16 gradients "
                    + "overflowed in every step."
            );
        }
    }

    /// <summary>Warns of parameters that a plan lets move only after the last epoch.</summary>
    /// <param name="last">The last epoch, from 0.</param>
    public void WarnIfAsleep(long last)
    {
        foreach (var optimizer in optimizers)
        {
            if (optimizer.FirstAfter(last) is { } from)
            {
                run.Warn(
                    $"parameters of the module {optimizer.Part.Module.GetName()} move from epoch {from} on, counted "
                        + $"from 0, and epoch {last} is the last: they stay as they are. Train for longer, or let "
                        + "them move earlier, where that is not meant."
                );
            }
        }
    }

    /// <summary>Training is over: parts get their own precision back.</summary>
    public void End()
    {
        masters?.Dispose();
        masters = null;
    }

    /// <summary>What a checkpoint keeps beside the parts and their exact weights.</summary>
    public void Exchange(StateBag state)
    {
        for (var i = 0; i < optimizers.Count; i++)
        {
            optimizers[i].Exchange(state.Scope($"optimizer{i}"));
        }
        for (var i = 0; i < phases.Count; i++)
        {
            long has = phases[i].HasGradient ? 1 : 0;
            state.Number($"has gradient{i}", ref has);
            phases[i].HasGradient = has != 0;
        }
        scale?.Exchange(state.Scope("loss scale"));
    }

    /// <summary>The exact numbers behind rounded parts.</summary>
    public void ExchangeMasters(StateBag state) => masters?.Exchange(state.Scope("masters"));

    public void Dispose()
    {
        watch.Dispose();
        optimizers.ForEach(optimizer => optimizer.Dispose());
    }

    private void Descend(
        ActivePhase phase,
        StepContext[] contexts,
        long step,
        long epoch,
        double progress,
        List<(string, Tensor)> values
    )
    {
        phase.Optimizers.ForEach(optimizer => optimizer.Part.Module.zero_grad());
        var factor = (scale?.Factor ?? 1) / contexts.Length;
        var hasGradient = false;
        var first = values.Count;
        foreach (var context in contexts)
        {
            context.Enter(phase.Parts);
            var total = Total(phase, context, step, progress, values);
            if (total is { requires_grad: true })
            {
                hasGradient = true;
                (factor == 1 ? total : total * factor).backward();
            }
            context.Leave();
        }
        var rounded = phase.Optimizers.SelectMany(optimizer => optimizer.Parameters).ToList();
        masters?.TakeGradients(rounded);
        var parameters = masters?.Of(rounded).ToList() ?? rounded;
        if (shared is not null && values.Count > first)
        {
            shared.Gradients(parameters, values, first);
            foreach (var (name, mean) in values[first..])
            {
                watch.See(name, step + 1, mean);
            }
        }
        if (scale is not null && !IsUnscaled(rounded, parameters, step))
        {
            // As if there had been no gradient: hooks that look for one find none.
            phase.Optimizers.ForEach(optimizer => optimizer.Part.Module.zero_grad());
            run.Options.Logger.LogDebug(
                "step {Step}: a float16 gradient overflows, and its update is left out; the factor is {Factor} now",
                step + 1,
                scale.Factor
            );
            return;
        }
        phase.HasGradient |= hasGradient;
        if (options.GradientClipping is { } largest)
        {
            GradientClipping.Clip(parameters, largest);
        }
        foreach (var optimizer in phase.Optimizers)
        {
            optimizer.Step(epoch);
            masters?.GiveValues(optimizer.Parameters);
        }
    }

    private Tensor? Total(
        ActivePhase phase,
        StepContext context,
        long step,
        double progress,
        List<(string, Tensor)> values
    )
    {
        Tensor? total = null;
        foreach (var (objective, schedule) in phase.Description.Objectives)
        {
            var weight = schedule.At(progress);
            if (weight == 0)
            {
                continue;
            }
            var value = objective.Evaluate(objective.Split == BatchSplit.Gathered ? context.Whole : context);
            if (shared is null)
            {
                watch.See(objective.Name, step + 1, value);
            }
            values.Add((objective.Name, value));
            var term = weight == 1 ? value : value * weight;
            total = total is null ? term : total + term;
        }
        return total;
    }

    private bool IsUnscaled(List<Parameter> rounded, List<Parameter> parameters, long step)
    {
        var factor = scale!.Factor;
        try
        {
            if (!scale.Unscale(parameters))
            {
                return false;
            }
        }
        catch (OverflowException)
        {
            throw new DivergenceException("gradient in float16", step + 1, run.Checkpointer.LastPath);
        }
        using var scope = NewDisposeScope();
        foreach (var gradient in rounded.Select(parameter => parameter.grad).OfType<Tensor>())
        {
            gradient.mul_(1 / factor);
        }
        return true;
    }

    private void Activate(ActivePhase phase, long epoch)
    {
        if (ReferenceEquals(active, phase) && activeEpoch == epoch)
        {
            return;
        }
        foreach (var optimizer in optimizers)
        {
            optimizer.Wake(phase.Optimizers.Contains(optimizer), epoch);
        }
        (active, activeEpoch) = (phase, epoch);
    }

    private sealed class ActivePhase(TrainingPhase description, List<PartOptimizer> optimizers)
    {
        public TrainingPhase Description { get; } = description;

        public List<PartOptimizer> Optimizers { get; } = optimizers;

        public bool HasGradient { get; set; }

        public HashSet<object> Parts { get; } = TrainingParts.MovedBy(description);
    }
}
