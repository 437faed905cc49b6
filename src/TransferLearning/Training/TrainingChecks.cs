using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>
/// Finds what is wrong with a network training before its first step, a dress rehearsal of every objective included.
/// </summary>
internal static class TrainingChecks
{
    private const int RehearsedRows = 4;

    /// <summary>Adds the faults of a training to a plan.</summary>
    /// <returns>The shape of one row's features and their dtype, or null where nothing could be tried.</returns>
    public static (long[] Shape, ScalarType Type)? Run(
        NetworkTraining training,
        TrainingOptions options,
        ChainPlan plan
    )
    {
        if (training.Phases.Count == 0)
        {
            plan.Fault("has nothing to minimize: add an objective, net.Minimize(new CrossEntropy()) for instance.");
        }
        plan.AddFaults(plan.OneBranch(training.Extractor));
        if (options.Validation is { NeedsTarget: true } validation && !plan.Domains.HasTarget)
        {
            plan.Fault(
                $"the Validation {validation.Name} looks at target rows, and this fit has none: take one of labeled "
                    + $"rows that are held out, {nameof(Selection.SourceAccuracy)} for instance."
            );
        }
        if (options.Precision != Precision.AsData)
        {
            RoundsOnly(training, options.Precision, plan);
        }
        foreach (var phase in training.Phases)
        {
            Moves(phase, plan);
            foreach (var (objective, weight) in phase.Objectives)
            {
                if (weight.Fault() is { } fault)
                {
                    plan.Fault($"the weight of objective {objective.Name} {fault}");
                }
            }
        }
        plan.AddFaults(SharedSteps.Faults(training, options, plan));
        foreach (var critic in TrainingParts.Critics(training))
        {
            Learns(critic, plan);
        }
        foreach (var part in training.Used)
        {
            Acts(part, plan);
        }
        foreach (var optimization in training.Optimizations)
        {
            if (
                !training.Phases.Any(phase =>
                    TrainingParts.Trainables(phase.Moved).Intersect(TrainingParts.Trainables([optimization.Part])).Any()
                )
            )
            {
                plan.Fault(
                    "an optimizer is given for a part that no phase moves; move it, or leave the optimizer out."
                );
            }
        }
        foreach (
            var part in TrainingParts
                .Trainables(training.Parts)
                .Where(part => part.Module.parameters().Any(Recording.IsOfInference))
        )
        {
            plan.Fault(
                $"the module {part.Module.GetName()} was made inside inference_mode, so that libtorch lets nobody "
                    + "change it: make it outside."
            );
        }
        if (plan.Faults.Count == 0)
        {
            Optimizers(training, options, plan);
        }
        return plan.RowShape is not null && plan.Faults.Count == 0 ? Rehearse(training, plan) : null;
    }

    /// <summary>A critic must be able to learn.</summary>
    public static void Learns(IPart critic, ChainPlan plan)
    {
        if (TrainingParts.Trainables([critic]).Count == 0)
        {
            plan.Fault(
                $"the critic {critic.GetType().Name} cannot be trained, so the network would only learn to please "
                    + "it: give one that is an ITrainable, critic.AsPart() of a module for instance."
            );
        }
    }

    private static void Acts(IPart part, ChainPlan plan)
    {
        if (part is ITrainingObserver and not ITrainingHook)
        {
            plan.Fault($"Use({part.GetType().Name}) would not be heard: observers stand in FitOptions.Observers.");
        }
        else if (!part.WithInner().Any(inner => inner is ITrainingHook or ICheckpointed))
        {
            plan.Fault($"Use({part.GetType().Name}) would do nothing: it is no hook and has no state.");
        }
    }

    private static void RoundsOnly(NetworkTraining training, Precision precision, ChainPlan plan)
    {
        foreach (var part in TrainingParts.Trainables(training.Phases.SelectMany(phase => phase.Moved)))
        {
            if (!MasterWeights.Takes(part.Module))
            {
                plan.Fault(
                    $"Precision.{precision} needs modules of float32 parameters from a tensor to a tensor; "
                        + $"{part.Module.GetName()} is none."
                );
            }
        }
    }

    private static void Moves(TrainingPhase phase, ChainPlan plan)
    {
        if (phase.Objectives.Count == 0)
        {
            plan.Fault("a phase has no objective: add one with Minimize or leave the phase out.");
        }
        var fixedOnes = phase.Moved.SelectMany(part => part.WithInner()).OfType<IFeatureExtractor>();
        foreach (var extractor in fixedOnes.Where(extractor => !extractor.HasGradient))
        {
            plan.Fault(
                $"the extractor {extractor.GetType().Name} passes no gradient, so it cannot be trained: put it into "
                    + "Frozen(...) before the training, which then works on its features."
            );
        }
        var trainables = TrainingParts.Trainables(phase.Moved);
        if (trainables.Count == 0)
        {
            plan.Fault("a phase moves nothing that can be trained: move at least one ITrainable part.");
        }
        foreach (var part in trainables)
        {
            if (!part.Module.parameters().Any(parameter => parameter.requires_grad))
            {
                plan.Fault(
                    $"the moved part {part.Module.GetName()} has no trainable parameters: freeze less, do not "
                        + "move it, do not dispose it before the fit, or register its submodules (a ModuleList on its "
                        + "own registers none)."
                );
            }
        }
    }

    // A factory that gives nothing, a rule that fits no parameter.
    private static void Optimizers(NetworkTraining training, TrainingOptions options, ChainPlan plan)
    {
        using var scope = NewDisposeScope();
        foreach (var part in TrainingParts.Trainables(training.Phases.SelectMany(phase => phase.Moved)))
        {
            Tries(
                $"the optimizer or parameter plan of {part.Module.GetName()}",
                plan,
                () => PartOptimizer.Of(part, training, options, null).Dispose()
            );
        }
    }

    private static (long[] Shape, ScalarType Type)? Rehearse(NetworkTraining training, ChainPlan plan)
    {
        using var scope = NewDisposeScope();
        using var mode = EvaluationMode.Of([.. training.Parts]);
        var sample = Data.BatchedPass.Read(plan.Domains.SampleRows, 0, 1);
        var device = plan.Options.Device ?? sample.device;
        foreach (var part in TrainingParts.Trainables(training.Parts))
        {
            part.Module.to(device);
        }
        var context = StepContext.For(
            Rows(plan, plan.TriedType(sample), device),
            training.Extractor,
            training.Predictor
        );
        foreach (var batch in context.Batch.All)
        {
            if (
                !Tries(
                    $"the network does not accept the rows of {batch.Domain} (tried on {RehearsedRows} rows of "
                        + $"shape {Shape.Text(plan.RowShape!)})",
                    plan,
                    () => Scores(context, batch, plan)
                )
            )
            {
                return null;
            }
        }
        var features = context.Features(context.Batch.All.First());
        foreach (var phase in training.Phases)
        {
            Rehearse(phase, context, TrainingParts.Trainables(training.Parts), plan);
        }
        if (!plan.Domains.HasTarget)
        {
            RehearseUsed(training, context, plan);
        }
        return (features.shape[1..], features.dtype);
    }

    // Every objective of a phase, with gradients for what the phase moves and for nothing else: one of them at least
    // must reach it.
    private static void Rehearse(
        TrainingPhase phase,
        StepContext context,
        IReadOnlyList<ITrainable> parts,
        ChainPlan plan
    )
    {
        var demands = parts
            .SelectMany(part => part.Module.parameters())
            .Distinct<Parameter>(ReferenceEqualityComparer.Instance)
            .Select(parameter => (Parameter: parameter, parameter.requires_grad))
            .ToList();
        var moved = TrainingParts
            .Trainables(phase.Moved)
            .SelectMany(part => part.Module.parameters())
            .ToHashSet<Parameter>(ReferenceEqualityComparer.Instance);
        var (isWhole, reaching) = (true, new List<Tensor>());
        try
        {
            demands.ForEach(demand =>
                demand.Parameter.requires_grad = demand.requires_grad && moved.Contains(demand.Parameter)
            );
            context.Enter([.. phase.Moved.SelectMany(part => part.WithInner())]);
            foreach (var (objective, _) in phase.Objectives)
            {
                isWhole &= Tries(
                    $"objective {objective.Name} (tried on {RehearsedRows} rows of shape {Shape.Text(plan.RowShape!)})",
                    plan,
                    () =>
                    {
                        var value = objective.Evaluate(context);
                        IsScalar(value);
                        if (value.requires_grad)
                        {
                            reaching.Add(value.reshape([]));
                        }
                        Descends(reaching, moved);
                    }
                );
            }
            context.Leave();
        }
        finally
        {
            demands.ForEach(demand => demand.Parameter.requires_grad = demand.requires_grad);
        }
        if (isWhole && reaching.Count == 0 && phase.Objectives.Count > 0)
        {
            plan.Fault(
                "nothing that a phase moves has a gradient from its objective(s) "
                    + $"{string.Join(", ", phase.Objectives.Select(term => term.Objective.Name))}: "
                    + "move a part that they depend on, or look for a detach() or a no_grad between the parameters and "
                    + "the value."
            );
        }
    }

    // The gradients of all values so far: an objective that frees the others' graph, or writes over what they need, is
    // found with its own name. What gradients the parameters have, they keep.
    private static void Descends(IReadOnlyList<Tensor> values, IEnumerable<Parameter> moved)
    {
        if (values.Count == 0)
        {
            return;
        }
        var kept = moved
            .Where(parameter => parameter.requires_grad)
            .Select(parameter => (Parameter: parameter, Gradient: parameter.grad))
            .ToList();
        kept.ForEach(pair => pair.Parameter.grad = null);
        try
        {
            stack(values.Select(value => value.to(float64))).sum().backward(retain_graph: true);
        }
        finally
        {
            kept.ForEach(pair => pair.Parameter.grad = pair.Gradient);
        }
    }

    // What is only used, as a hook, would ask for the target in the middle of the run: it is tried once, by what it
    // computes besides.
    private static void RehearseUsed(NetworkTraining training, StepContext context, ChainPlan plan)
    {
        foreach (var part in training.Used.SelectMany(part => part.WithInner()))
        {
            Action? trial = part switch
            {
                IObjective objective => () => objective.Evaluate(context),
                IRowWeights weights => () => weights.Weigh(context, context.Labeled.First()),
                _ => null,
            };
            if (trial is not null)
            {
                Tries($"Use({part.GetType().Name}), tried on {RehearsedRows} rows", plan, trial);
            }
        }
    }

    private static StepBatch Rows(ChainPlan plan, ScalarType dtype, Device device)
    {
        using var generator = new RandomKey(0).Generator();
        long[] shape = [RehearsedRows, .. plan.RowShape!];
        Tensor Inputs() =>
            plan.RowsAreTokens
                ? Data.BatchedPass.Read(plan.Domains.SampleRows, 0, 1).expand(shape).contiguous().to(device)
                : rand(shape, dtype: dtype, generator: generator).to(device);
        var rows = LivingScalars.Numbers(0, RehearsedRows);
        LabeledBatch Labeled(DomainId id, LabeledDomain domain)
        {
            var isWeighted = domain.Weights is not null || (plan.HasWeights && !id.IsTarget);
            var labels = domain.Labels.narrow(0, 0, 1).expand([RehearsedRows, .. domain.Labels.shape[1..]]).to(device);
            var weights = isWeighted ? ones(RehearsedRows, dtype, device) : null;
            return new LabeledBatch(Inputs(), labels, id, rows, weights, domain.Space);
        }
        return new StepBatch(
            [.. plan.Domains.Sources.Select((source, i) => Labeled(DomainId.Source(i), source))],
            plan.Domains.HasTarget
                ? new UnlabeledBatch(Inputs(), DomainId.Target, rows, plan.Domains.Target.Members(rows)?.to(device))
                : null,
            plan.Domains.LabeledTarget is { } few ? Labeled(DomainId.Target, few) : null
        );
    }

    private static void Scores(StepContext context, IBatch batch, ChainPlan plan)
    {
        var scores = context.Scores(batch);
        var width = plan.Domains.Space.Width;
        if (scores.dim() != 2 || scores.shape[1] != width)
        {
            throw new ArgumentException(
                $"the predictor returns {Shape.Text(scores.shape)} for {RehearsedRows} rows, the labels need "
                    + $"[{RehearsedRows}, {width}] ({plan.Domains.Space})."
            );
        }
    }

    private static void IsScalar(Tensor value)
    {
        if (value.numel() != 1)
        {
            throw new ArgumentException(
                $"an objective must return a scalar, this one returned {Shape.Text(value.shape)}."
            );
        }
    }

    public static bool Tries(string what, ChainPlan plan, Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            plan.Fault($"{what}: {fault.Message}", fault);
            return false;
        }
    }
}
