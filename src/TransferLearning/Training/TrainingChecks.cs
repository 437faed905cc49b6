using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>
/// Finds what is wrong with a network training before its first step; <see cref="TrainingTrial"/> tries its objectives.
/// </summary>
internal static class TrainingChecks
{
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
        if (training.Options is null) // options of its own were looked at with the stage
        {
            plan.AddFaults(options.RowFaults(plan));
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
                    TrainingParts
                        .Trainables(phase.Moved)
                        .Intersect(TrainingParts.Trainables([optimization.Part]), TrainingParts.ByModule)
                        .Any()
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
        return plan.RowShape is not null && plan.Faults.Count == 0 ? TrainingTrial.Of(training, plan) : null;
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

    public static bool Tries(string what, ChainPlan plan, Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (Exception fault) when (fault is not (OutOfMemoryException or OperationCanceledException))
        {
            plan.Fault($"{what}: {fault.Message}", fault);
            return false;
        }
    }
}
