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
    private readonly Rules rules;

    private FreezingPlan(Rules rules) => this.rules = rules;

    /// <summary>The plan in which everything moves alike from the start.</summary>
    public static FreezingPlan None { get; } = new(new Rules());

    /// <summary>Freezes the parameters whose names start so, for good.</summary>
    /// <param name="prefix">
    /// The start of a parameter's dotted name, "layer1." for instance; the empty text freezes all.
    /// </param>
    public FreezingPlan Freeze(string prefix) => With((prefix, 0, 0));

    /// <summary>Freezes the first children of the network, those nearest to the inputs, for good.</summary>
    /// <param name="children">How many direct children.</param>
    public FreezingPlan FreezeFirst(int children)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(children);
        return new FreezingPlan(rules with { First = children });
    }

    /// <summary>Freezes the last children of the network, those nearest to the outputs, for good.</summary>
    /// <param name="children">How many direct children.</param>
    public FreezingPlan FreezeLast(int children)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(children);
        return new FreezingPlan(rules with { Last = children });
    }

    /// <summary>
    /// Freeze, then all: what <see cref="FreezeFirst"/> and <see cref="FreezeLast"/> hold wakes up at an epoch, and
    /// moves with the rest from then on.
    /// </summary>
    /// <param name="epoch">The epoch, from 0, until which it stays frozen, at least 1.</param>
    public FreezingPlan Until(int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(epoch, 1);
        return new FreezingPlan(rules with { Awake = epoch });
    }

    /// <summary>Wakes the children up one after the other, the last one at the start.</summary>
    /// <param name="epochsPerChild">How many epochs lie between two.</param>
    public FreezingPlan UnfreezeGradually(int epochsPerChild)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(epochsPerChild, 1);
        return new FreezingPlan(rules with { EpochsPerChild = epochsPerChild });
    }

    /// <summary>Moves each child more slowly than the one after it.</summary>
    /// <param name="factor">The rate of a child relative to the next one, above 0. The paper uses 1/2.6.</param>
    public FreezingPlan SlowDown(double factor)
    {
        Guard.Positive(factor);
        return new FreezingPlan(rules with { Decay = factor });
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

    /// <summary>Says what batch normalizations do: adapt, keep their statistics, or stay as they came.</summary>
    /// <param name="policy">The policy. Without this verb they adapt.</param>
    public FreezingPlan Normalizations(NormalizationPolicy policy) =>
        Enum.IsDefined(policy)
            ? new FreezingPlan(rules with { Policy = policy })
            : throw new ArgumentOutOfRangeException(nameof(policy), policy, "policy must be a NormalizationPolicy.");

    /// <inheritdoc />
    public IReadOnlyList<nn.Module> AtRest(nn.Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return rules.Policy == NormalizationPolicy.Adapt ? [] : [.. Normalizing(module)];
    }

    /// <inheritdoc />
    /// <exception cref="ArgumentException">A name rule fits no parameter of the module.</exception>
    public IReadOnlyList<ParameterGroup> Groups(nn.Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        var open = module.named_parameters().ToList();
        var groups = new List<ParameterGroup>();
        var held = new HashSet<Parameter>(
            rules.Policy == NormalizationPolicy.Freeze ? Normalizing(module).SelectMany(own => own.parameters()) : [],
            ReferenceEqualityComparer.Instance
        );
        foreach (var (prefix, rate, fromEpoch) in rules.Named)
        {
            var fitting = open.Where(pair => pair.name.StartsWith(prefix, StringComparison.Ordinal)).ToList();
            if (fitting.Count == 0 && prefix.Length > 0)
            {
                throw new ArgumentException(
                    $"No parameter of {module.GetName()} is named '{prefix}...'; it has "
                        + $"{string.Join(", ", module.named_parameters().Select(p => p.name))}.",
                    nameof(module)
                );
            }
            open.RemoveAll(pair => fitting.Exists(fit => ReferenceEquals(fit.parameter, pair.parameter)));
            var moving = fitting.Select(pair => pair.parameter).Where(parameter => !held.Contains(parameter));
            Add(groups, [.. moving], rate, fromEpoch);
        }
        var left = open.Select(pair => pair.parameter).Where(parameter => !held.Contains(parameter));
        ByDepth(module, new(left, ReferenceEqualityComparer.Instance), groups);
        return groups;
    }

    private static IEnumerable<nn.Module> Normalizing(nn.Module module) =>
        Modes.Of(module).Where(own => own.named_buffers(recurse: false).Any(buffer => buffer.name == "running_mean"));

    private FreezingPlan With((string, double, int) rule) => new(rules with { Named = [.. rules.Named, rule] });

    private void ByDepth(nn.Module module, HashSet<Parameter> open, List<ParameterGroup> groups)
    {
        // Children without parameters (activations, pooling) are no layers; those that a rule has taken count.
        var children = module.children().Where(child => child.parameters().Any()).ToList();
        Add(groups, [.. module.parameters(recurse: false).Where(open.Remove)], 1, 0);
        for (var i = 0; i < children.Count; i++)
        {
            var fromTop = children.Count - 1 - i;
            var (rate, fromEpoch) = (Math.Pow(rules.Decay, fromTop), fromTop * rules.EpochsPerChild);
            if (i < rules.First || fromTop < rules.Last)
            {
                (rate, fromEpoch) = rules.Awake is { } awake ? (rate, Math.Max(fromEpoch, awake)) : (0, 0);
            }
            // What several children share goes with the first of them.
            Add(groups, [.. children[i].parameters().Where(open.Remove)], rate, fromEpoch);
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

    /// <summary>What the verbs have said.</summary>
    private sealed record Rules
    {
        public IReadOnlyList<(string Prefix, double Rate, int FromEpoch)> Named { get; init; } = [];

        /// <summary>How many children near the inputs are held.</summary>
        public int First { get; init; }

        /// <summary>How many children near the outputs are held.</summary>
        public int Last { get; init; }

        /// <summary>The epoch at which held children wake up; null for never.</summary>
        public int? Awake { get; init; }

        public int EpochsPerChild { get; init; }

        public double Decay { get; init; } = 1;

        public NormalizationPolicy Policy { get; init; }
    }
}
