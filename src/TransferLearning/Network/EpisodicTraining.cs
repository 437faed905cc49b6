using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// Training by episodes: in each step some classes are drawn, some labeled rows of each, and others that the rule must
/// read by these.
/// </summary>
/// <remarks>
/// The features learn to serve classes that are not among those of the training (Vinyals et al. 2016, "Matching
/// Networks for One Shot Learning", section 2.2: N ways, K shots). Labeled and read rows pass together. Classes with
/// fewer than shots and queries rows are left out. Parts of the rule must move with the extractor:
/// <c>net.Phase(phase => phase.Move(extractor, [.. rule.Learned]))</c>. Rows with example weights are refused.
/// </remarks>
public sealed class EpisodicTraining : IObjective
{
    private readonly IFewShotRule rule;
    private readonly LabeledDomain data;
    private IReadOnlyList<long[]>? classes;

    /// <summary>A training on some labeled rows.</summary>
    /// <param name="rule">How rows are read.</param>
    /// <param name="data">Labeled rows of the training's classes; the caller keeps their tensors.</param>
    /// <exception cref="ArgumentException">The rows have values or weights.</exception>
    public EpisodicTraining(IFewShotRule rule, LabeledDomain data)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(data);
        if (data.Weights is not null || !data.Space.IsClasses)
        {
            throw new ArgumentException(
                $"episodes are drawn from classes without example weights; the labels are {data.Space}.",
                nameof(data)
            );
        }
        (this.rule, this.data) = (rule, data);
    }

    /// <summary>
    /// How many classes an episode has, at least 2. Default 5; the authors of prototypical networks train with more
    /// than are asked for later.
    /// </summary>
    [OptionRange(AtLeast = 2)]
    public int Ways { get; init; } = 5;

    /// <summary>How many labeled rows of each, at least 1. Default 5.</summary>
    [OptionRange(AtLeast = 1)]
    public int Shots { get; init; } = 5;

    /// <summary>How many rows of each are read, at least 1. Default 15, the authors'.</summary>
    [OptionRange(AtLeast = 1)]
    public int Queries { get; init; } = 15;

    /// <inheritdoc />
    public string Name => rule.GetType().Name;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => rule.Learned.Prepend(rule);

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        classes ??= EpisodeRows.Classes(data, Ways, Shots, Queries);
        var episode = EpisodeRows.Drawn(classes, Ways, Shots, Queries, step.NextKey());
        var device = step.Batch.All.First().Inputs.device;
        var rows = cat([episode.Support, episode.Queries]);
        Tensor inputs;
        using (no_grad())
        {
            inputs = BatchedPass.Read(data.Rows, rows).to(device);
        }
        var domain = step.Batch.Sources is [var first, ..] ? first.Domain : DomainId.Target;
        var features = step.Features(new UnlabeledBatch(inputs, domain, rows));
        var (labeled, read) = (episode.Support.shape[0], episode.Queries.shape[0]);
        var scores = rule.Score(
            features.narrow(0, 0, labeled),
            episode.SupportLabels.to(device),
            features.narrow(0, labeled, read),
            Ways
        );
        return rule.Loss(scores, episode.QueryLabels.to(device));
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan)
    {
        if (Ways < 1 || Shots < 1 || Queries < 1)
        {
            return []; // told by their ranges
        }
        try
        {
            _ = EpisodeRows.Classes(data, Ways, Shots, Queries);
            return [];
        }
        catch (ArgumentException fault)
        {
            return [fault.Message];
        }
    }
}
