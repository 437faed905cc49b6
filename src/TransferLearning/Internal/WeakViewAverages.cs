using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>
/// Numbers that follow a network's scores of the target's weak view, step by step: what the objectives after FixMatch
/// keep, and how they come by it.
/// </summary>
/// <param name="weak">The weak view, or null for the rows themselves.</param>
internal sealed class WeakViewAverages(IAugmentation? weak)
{
    private Tensor? value;

    /// <summary>The numbers as they are now, or null before the first step.</summary>
    public Tensor? Value => value;

    /// <summary>The scores of the weak view; they carry a gradient where gradients are recorded.</summary>
    public Tensor Scores(StepContext step) => step.Scores(weak is null ? step.Target : step.View(weak, step.Target));

    /// <summary>The numbers after a step: from what the network then reads, in evaluation mode.</summary>
    public void Follow(TrainingView view, StepContext step, Func<Tensor, Tensor> next)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(step);
        using var scope = NewDisposeScope();
        using var mode = EvaluationMode.Of(view.Extractor, view.Predictor);
        var after = next(Scores(step)).DetachFromDisposeScope();
        value?.Dispose();
        value = after;
    }

    /// <summary>Writes or reads the numbers.</summary>
    public void Exchange(StateBag state, string name)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot(name, ref value);
    }

    /// <summary>Lets go of the numbers.</summary>
    public void Forget()
    {
        value?.Dispose();
        value = null;
    }
}
