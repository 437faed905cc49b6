using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>Rehearsal: some kept rows of an earlier task are learned along with the new one.</summary>
/// <remarks>
/// <c>1/n sum_i w_i CE(z_i, y_i)</c> over n rows that are drawn from the memory anew in each step, z the earlier task's
/// head over the extractor under training (Robins 1995, "Catastrophic Forgetting, Rehearsal and Pseudorehearsal";
/// Chaudhry et al. 2019 for a tiny memory). Where the earlier task has a head of its own it must move with the network:
/// <c>net.Main.Move(head)</c>, or the recipe.
/// </remarks>
/// <param name="memory">The kept rows, classes; the caller keeps their tensors.</param>
/// <param name="head">
/// The earlier task's head; null for the network's predictor, where both tasks share the classes.
/// </param>
public sealed class Rehearsal(LabeledDomain memory, ILabelPredictor? head = null) : IObjective
{
    private readonly LabeledDomain memory = memory ?? throw new ArgumentNullException(nameof(memory));

    /// <summary>How many rows are drawn in a step, at least 1; all where there are fewer. Default 32.</summary>
    [OptionRange(AtLeast = 1)]
    public int BatchSize { get; init; } = 32;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => head is null ? [] : [head];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var (batch, labels, weights) = Drawn(step);
        return CrossEntropy.Of(step.Scores(head ?? step.Predictor, step.Features(batch)), labels, weights);
    }

    /// <summary>As many drawn rows of each class, or all that it has.</summary>
    /// <param name="data">Labeled rows in memory, classes.</param>
    /// <param name="perClass">How many of each class, at least 1.</param>
    /// <param name="key">The key of the draw; null for seed 0.</param>
    /// <returns>The rows; the caller disposes their tensors.</returns>
    public static LabeledDomain Kept(LabeledDomain data, int perClass, RandomKey? key = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfLessThan(perClass, 1);
        if (!data.Space.IsClasses)
        {
            throw new ArgumentException($"rows of each class are kept; the labels are {data.Space}.", nameof(data));
        }
        using var scope = NewDisposeScope();
        var random = (key ?? new RandomKey(0)).Random();
        var labels = data.Labels.cpu().data<long>().ToArray();
        var order = Enumerable.Range(0, labels.Length).ToArray();
        random.Shuffle(order);
        var chosen = order.GroupBy(i => labels[i]).SelectMany(ofClass => ofClass.Take(perClass)).Order();
        var kept = tensor(chosen.Select(i => (long)i).ToArray());
        Tensor Of(Tensor all) => all.index_select(0, kept.to(all.device)).MoveToOuterDisposeScope();
        return new LabeledDomain(
            Of(data.Inputs),
            Of(data.Labels),
            data.Weights is { } weights ? Of(weights) : null,
            data.Space
        );
    }

    private (UnlabeledBatch Batch, Tensor Labels, Tensor? Weights) Drawn(StepContext step)
    {
        using var quiet = no_grad();
        using var generator = step.NextKey().Generator();
        var count = Math.Min(BatchSize, memory.Count);
        var rows = randperm(memory.Count, generator: generator).narrow(0, 0, count);
        var device = step.Batch.All.First().Inputs.device;
        Tensor Of(Tensor all) => all.index_select(0, rows.to(all.device)).to(device);
        var domain = step.Batch.Sources is [var first, ..] ? first.Domain : DomainId.Target;
        return (
            new UnlabeledBatch(BatchedPass.Read(memory.Rows, rows).to(device), domain, rows),
            Of(memory.Labels),
            memory.Weights is null ? null : Of(RelativeWeights.Of(memory))
        );
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
