using TorchSharp.Modules;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>Which parameters of a pre-trained network move, from when, and how fast.</summary>
/// <remarks>
/// Rules by name come first; what no rule names is grouped by depth: the module's direct children in order, so that
/// children near the inputs can stay frozen, wake up later (gradual unfreezing) or move more slowly (discriminative
/// rates; both Howard and Ruder 2018, "Universal Language Model Fine-tuning for Text Classification"). A module none of
/// whose parameters moves stays in evaluation mode as long: batch normalizations in it keep their statistics.
/// Immutable: each verb returns a new plan.
/// </remarks>
public sealed class FreezingPlan : IParameterPlan
{
    private readonly IReadOnlyList<(string Prefix, double Rate, int FromEpoch)> named;
    private readonly int frozenDepth;
    private readonly int epochsPerLayer;
    private readonly double decay;

    private FreezingPlan(
        IReadOnlyList<(string, double, int)> named,
        int frozenDepth,
        int epochsPerLayer,
        double decay
    ) => (this.named, this.frozenDepth, this.epochsPerLayer, this.decay) = (named, frozenDepth, epochsPerLayer, decay);

    /// <summary>The plan in which everything moves alike from the start.</summary>
    public static FreezingPlan None { get; } = new([], 0, 0, 1);

    /// <summary>Freezes the parameters whose names start so, for good.</summary>
    /// <param name="prefix">The start of a parameter's dotted name, "layer1." for instance.</param>
    public FreezingPlan Freeze(string prefix) => With((prefix, 0, 0));

    /// <summary>Freezes the first children of the network, those nearest to the inputs, for good.</summary>
    /// <param name="children">How many direct children.</param>
    public FreezingPlan FreezeFirst(int children)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(children);
        return new FreezingPlan(named, children, epochsPerLayer, decay);
    }

    /// <summary>Wakes the children up one after the other, the last one at the start.</summary>
    /// <param name="epochsPerChild">How many epochs lie between two.</param>
    public FreezingPlan UnfreezeGradually(int epochsPerChild)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(epochsPerChild, 1);
        return new FreezingPlan(named, frozenDepth, epochsPerChild, decay);
    }

    /// <summary>Moves each child more slowly than the one after it.</summary>
    /// <param name="factor">The rate of a child relative to the next one, above 0. The paper uses 1/2.6.</param>
    public FreezingPlan SlowDown(double factor)
    {
        Guard.Positive(factor);
        return new FreezingPlan(named, frozenDepth, epochsPerLayer, factor);
    }

    /// <summary>Gives the parameters whose names start so a rate and a first epoch of their own.</summary>
    /// <param name="prefix">The start of a parameter's dotted name.</param>
    /// <param name="rate">The factor on the learning rate; 0 freezes.</param>
    /// <param name="fromEpoch">The epoch, from 0, until which they stay frozen.</param>
    public FreezingPlan Rule(string prefix, double rate, int fromEpoch = 0)
    {
        Guard.NotNegative(rate);
        ArgumentOutOfRangeException.ThrowIfNegative(fromEpoch);
        return With((prefix, rate, fromEpoch));
    }

    /// <inheritdoc />
    /// <exception cref="ArgumentException">A name rule fits no parameter of the module.</exception>
    public IReadOnlyList<ParameterGroup> Groups(nn.Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        var open = module.named_parameters().ToList();
        var groups = new List<ParameterGroup>();
        foreach (var (prefix, rate, fromEpoch) in named)
        {
            var fitting = open.Where(pair => pair.name.StartsWith(prefix, StringComparison.Ordinal)).ToList();
            if (fitting.Count == 0)
            {
                throw new ArgumentException(
                    $"No parameter of {module.GetName()} is named '{prefix}...'; it has "
                        + $"{string.Join(", ", module.named_parameters().Select(p => p.name))}.",
                    nameof(module)
                );
            }
            open.RemoveAll(pair => fitting.Exists(fit => ReferenceEquals(fit.parameter, pair.parameter)));
            Add(groups, [.. fitting.Select(pair => pair.parameter)], rate, fromEpoch);
        }
        ByDepth(module, new(open.Select(pair => pair.parameter), ReferenceEqualityComparer.Instance), groups);
        return groups;
    }

    private FreezingPlan With((string, double, int) rule) => new([.. named, rule], frozenDepth, epochsPerLayer, decay);

    private void ByDepth(nn.Module module, HashSet<Parameter> open, List<ParameterGroup> groups)
    {
        // Children without parameters (activations, pooling) are no layers; those that a rule has taken count.
        var children = module.children().Where(child => child.parameters().Any()).ToList();
        Add(groups, [.. module.parameters(recurse: false).Where(open.Remove)], 1, 0);
        for (var i = 0; i < children.Count; i++)
        {
            var fromTop = children.Count - 1 - i;
            var rate = i < frozenDepth ? 0 : Math.Pow(decay, fromTop);
            // What several children share goes with the first of them.
            Add(groups, [.. children[i].parameters().Where(open.Remove)], rate, fromTop * epochsPerLayer);
        }
    }

    private static void Add(
        List<ParameterGroup> groups,
        IReadOnlyList<Parameter> parameters,
        double rate,
        int fromEpoch
    )
    {
        if (parameters.Count > 0 && rate > 0)
        {
            groups.Add(new ParameterGroup(parameters, rate, fromEpoch));
        }
    }
}
