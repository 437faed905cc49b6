using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// Fish: the network steps along one source after the other, and then goes only a part of the way: to first order that
/// makes the sources' gradients agree.
/// </summary>
/// <remarks>
/// <para>
/// In a step with K sources its phase runs K times, each time by the risk of the next source in a random order, each
/// with a step of the phase's optimizers, from w to w'. Then parameters, and buffers of a floating dtype, become <c>w +
/// Rate (w' - w)</c> (Shi, Seely, Torr, Siddharth, Hannun, Usunier and Synnaeve 2021, "Gradient Matching for Domain
/// Generalization", algorithm 1). The optimizers keep their state from step to step, as in the authors' program and in
/// DomainBed. Risks are those of <see cref="SourceRisk"/>.
/// </para>
/// <para>
/// It takes the place of the loss of the labeled rows. Labeled target rows have no step of their own. It holds a copy
/// of the weights, which is not in checkpoints, because after each step it is the weights themselves.
/// </para>
/// </remarks>
/// <param name="sources">The number of sources K, how often the phase runs in a step; at least 2.</param>
public sealed class GradientMatching(int sources) : IObjective, ITrainingHook
{
    private readonly List<Tensor> before = [];
    private readonly int sources =
        sources >= 2 ? sources : throw new ArgumentOutOfRangeException(nameof(sources), sources, "must be 2 at least.");
    private IReadOnlyList<ITrainable> parts = [];

    /// <summary>The share of the way that is gone, above 0 and at most 1. Default 0.5, DomainBed's.</summary>
    [OptionRange(Above = 0, AtMost = 1)]
    public double Rate { get; init; } = 0.5;

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (plan.Domains.Sources.Count != sources)
        {
            yield return $"is of {sources} sources, and this fit has {plan.Domains.Sources.Count}.";
        }
        if (plan.Current is not NetworkTraining training)
        {
            yield break;
        }
        var phase = training.Phases.FirstOrDefault(one =>
            one.Objectives.Any(term => ReferenceEquals(term.Objective, this))
        );
        if (phase is not null && phase.Times != sources)
        {
            yield return $"takes one source at a time: let its phase run {sources} times, Repeat({sources}).";
        }
        if (plan.Training.GradientAccumulation > 1)
        {
            yield return "takes one batch a source: GradientAccumulation must be 1.";
        }
        if (plan.Training.Precision != Precision.AsData)
        {
            yield return "puts weights a part of the way back, which copies in float32 would not follow: take "
                + "Precision.AsData.";
        }
    }

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var turns = step.Once(
            this,
            step.Batch,
            () =>
            {
                LabeledBatch[] order = [.. step.Sources];
                step.NextKey().Random().Shuffle(order);
                return new Queue<LabeledBatch>(order);
            }
        );
        var batch = turns.Dequeue();
        turns.Enqueue(batch);
        return SourceRisk.Of(step.Scores(batch), batch);
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view) => Begin(view);

    /// <inheritdoc />
    public void OnResume(TrainingView view) => Begin(view);

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        foreach (var (now, then) in Followed().Zip(before))
        {
            then.lerp_(now.detach(), tensor(Rate, then.dtype, then.device));
            now.copy_(then);
        }
    }

    /// <inheritdoc />
    public void OnEnd()
    {
        Forget();
        parts = [];
    }

    /// <summary>Nothing is kept: between steps there is nothing but the weights.</summary>
    public void Exchange(StateBag state) => ArgumentNullException.ThrowIfNull(state);

    private void Begin(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        Guard.Options(this);
        Forget();
        parts = TrainingParts.Trainables([view.Extractor, view.Predictor]);
        using var quiet = no_grad();
        before.AddRange(Followed().Select(now => now.detach().clone().DetachFromDisposeScope()));
    }

    private Tensor[] Followed() =>
        [
            .. parts
                .SelectMany(part => part.Module.parameters().Cast<Tensor>().Concat(part.Module.buffers()))
                .Where(tensor => tensor.is_floating_point())
                .Distinct<Tensor>(ReferenceEqualityComparer.Instance),
        ];

    private void Forget()
    {
        before.ForEach(tensor => tensor.Dispose());
        before.Clear();
    }
}
