using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>
/// The optimizers of one part: one for each parameter group, with the group's rate and moment to wake up.
/// </summary>
internal sealed class PartOptimizer : IDisposable
{
    private readonly List<Group> groups = [];

    public PartOptimizer(ITrainable part, OptimizerFactory factory, IParameterPlan? plan, MasterWeights? masters)
    {
        (Part, AtRest) = (part, plan?.AtRest(part.Module) ?? []);
        var all = part.Module.parameters().Where(parameter => parameter.requires_grad).ToList();
        var trainable = new HashSet<Parameter>(all, ReferenceEqualityComparer.Instance);
        var open = new HashSet<Parameter>(all, ReferenceEqualityComparer.Instance);
        foreach (var group in plan?.Groups(part.Module) ?? [new ParameterGroup(all)])
        {
            var parameters = group.Parameters.Where(trainable.Contains).ToList();
            if (plan is not null && !parameters.TrueForAll(open.Remove))
            {
                throw new InvalidOperationException(
                    $"the plan {plan.GetType().Name} has a parameter of {part.Module.GetName()} twice, so that two "
                        + "optimizers would move it: put each into one group, once."
                );
            }
            if (parameters.Count > 0)
            {
                var optimizer =
                    factory(masters?.Of(parameters) ?? parameters)
                    ?? throw new InvalidOperationException(
                        $"the optimizer factory of {part.Module.GetName()} returned null; it must return a new "
                            + "optimizer over the parameters that it is given."
                    );
                groups.Add(new Group(parameters, optimizer, group));
            }
        }
    }

    /// <summary>The optimizers of a part that a training moves: its own where it has some, else the stage's.</summary>
    public static PartOptimizer Of(
        ITrainable part,
        NetworkTraining training,
        TrainingOptions options,
        MasterWeights? masters
    )
    {
        var own = training.Optimizations.LastOrDefault(own =>
            TrainingParts.Trainables([own.Part]).Contains(part, TrainingParts.ByModule)
        );
        return new PartOptimizer(part, own?.Factory ?? options.Optimizer, own?.Plan, masters);
    }

    public ITrainable Part { get; }

    /// <summary>The modules that stay in evaluation mode by the part's plan.</summary>
    public IReadOnlyList<nn.Module> AtRest { get; }

    /// <summary>The parameters that may move at some epoch.</summary>
    public IEnumerable<Parameter> Parameters => groups.SelectMany(group => group.Parameters);

    /// <summary>The parameters that move at this epoch.</summary>
    public IEnumerable<Parameter> Moving(long epoch) =>
        groups.Where(group => epoch >= group.Settings.FromEpoch).SelectMany(group => group.Parameters);

    /// <summary>The first epoch after this one from which further parameters move; null where none do.</summary>
    public int? FirstAfter(long epoch) =>
        groups.Select(group => (int?)group.Settings.FromEpoch).Where(from => from > epoch).Min();

    /// <summary>Lets the parameters take gradients, those whose moment has come, or none.</summary>
    public void Wake(bool isMoved, long epoch)
    {
        foreach (var group in groups)
        {
            var isAwake = isMoved && epoch >= group.Settings.FromEpoch;
            foreach (var parameter in group.Parameters)
            {
                parameter.requires_grad = isAwake;
            }
        }
    }

    /// <summary>Sets the rates to the optimizer's own times the group's scale times a factor.</summary>
    public void SetRate(double factor)
    {
        foreach (var group in groups)
        {
            for (var i = 0; i < group.BaseRates.Length; i++)
            {
                group.ParamGroups[i].LearningRate = group.BaseRates[i] * group.Settings.RateScale * factor;
            }
        }
    }

    public void Step(long epoch)
    {
        foreach (var group in groups)
        {
            if (epoch >= group.Settings.FromEpoch)
            {
                using var loss = group.Optimizer.step();
            }
        }
    }

    public void Exchange(StateBag state)
    {
        for (var i = 0; i < groups.Count; i++)
        {
            state.Optimizer($"group{i}", groups[i].Optimizer);
        }
    }

    public void Dispose()
    {
        foreach (var group in groups)
        {
            group.Optimizer.Dispose();
        }
    }

    private sealed class Group(List<Parameter> parameters, OptimizerHelper optimizer, ParameterGroup settings)
    {
        public List<Parameter> Parameters { get; } = parameters;

        public OptimizerHelper Optimizer { get; } = optimizer;

        public ParameterGroup Settings { get; } = settings;

        public optim.ILearningRateController[] ParamGroups { get; } = [.. optimizer.ParamGroups];

        public double[] BaseRates { get; } = [.. optimizer.ParamGroups.Select(group => group.LearningRate)];
    }
}
