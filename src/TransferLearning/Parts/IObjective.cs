using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>One differentiable term of a network's training.</summary>
/// <remarks>
/// <see cref="Evaluate"/> changes nothing but through <see cref="StepContext"/>; state that must survive the step
/// belongs into a <see cref="ITrainingHook"/>. An objective may itself be a hook: the loop then calls it.
/// </remarks>
public interface IObjective : IPart, IPlanned
{
    /// <summary>The term's name in reports and errors.</summary>
    string Name => GetType().Name;

    /// <summary>
    /// Parts with state that the objective uses but no phase moves: teachers, memory banks, fixed critics.
    /// </summary>
    IEnumerable<IPart> Parts => [];

    /// <summary>
    /// How the term is computed where several processes share a step's rows (<see cref="FitOptions.Group"/>). Default
    /// <see cref="BatchSplit.Gathered"/>.
    /// </summary>
    BatchSplit Split => BatchSplit.Gathered;

    /// <summary>Computes the term for one step.</summary>
    /// <param name="step">The step's batches, features and scores, each computed once and shared.</param>
    /// <returns>A scalar tensor, to be minimized.</returns>
    Tensor Evaluate(StepContext step);
}
