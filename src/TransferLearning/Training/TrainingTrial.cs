using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>
/// A trial of a network training on a few rows before its first step: the rows pass the network, every objective gives
/// a scalar and its gradients.
/// </summary>
internal static class TrainingTrial
{
    private const int RowCount = 4;

    /// <summary>Tries a training and adds its faults to the plan.</summary>
    /// <returns>The shape of one row's features and their dtype, or null where the network takes no rows.</returns>
    public static (long[] Shape, ScalarType Type)? Of(NetworkTraining training, ChainPlan plan)
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
                !TrainingChecks.Tries(
                    $"the network does not accept the rows of {batch.Domain} (tried on {RowCount} rows of "
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
            Phase(phase, context, TrainingParts.Trainables(training.Parts), plan);
        }
        if (!plan.Domains.HasTarget)
        {
            Used(training, context, plan);
        }
        return (features.shape[1..], features.dtype);
    }

    // Every objective of a phase, with gradients for what the phase moves and for nothing else: one of them at least
    // must reach it.
    private static void Phase(TrainingPhase phase, StepContext context, IReadOnlyList<ITrainable> parts, ChainPlan plan)
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
            context.Enter(TrainingParts.MovedBy(phase));
            foreach (var (objective, _) in phase.Objectives)
            {
                isWhole &= TrainingChecks.Tries(
                    $"objective {objective.Name} (tried on {RowCount} rows of shape {Shape.Text(plan.RowShape!)})",
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
    private static void Used(NetworkTraining training, StepContext context, ChainPlan plan)
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
                TrainingChecks.Tries($"Use({part.GetType().Name}), tried on {RowCount} rows", plan, trial);
            }
        }
    }

    private static StepBatch Rows(ChainPlan plan, ScalarType dtype, Device device)
    {
        using var generator = new RandomKey(0).Generator();
        long[] shape = [RowCount, .. plan.RowShape!];
        Tensor Inputs() =>
            plan.RowsAreTokens
                ? Data.BatchedPass.Read(plan.Domains.SampleRows, 0, 1).expand(shape).contiguous().to(device)
                : rand(shape, dtype: dtype, generator: generator).to(device);
        var rows = arange(0, RowCount);
        LabeledBatch Labeled(DomainId id, LabeledDomain domain)
        {
            var isWeighted = domain.Weights is not null || (plan.HasWeights && !id.IsTarget);
            var labels = domain.Labels.narrow(0, 0, 1).expand([RowCount, .. domain.Labels.shape[1..]]).to(device);
            var weights = isWeighted ? ones(RowCount, dtype, device) : null;
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
                $"the predictor returns {Shape.Text(scores.shape)} for {RowCount} rows, the labels need "
                    + $"[{RowCount}, {width}] ({plan.Domains.Space})."
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
}
