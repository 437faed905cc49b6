using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>The processes that take each training step together, as one of them sees the others.</summary>
/// <remarks>
/// <see cref="FitOptions.Group"/> says how a run uses it; <c>TransferLearning.Distributed</c> makes one of MPI. Every
/// process calls the same members in the same order, with tensors of the same shapes; a call returns when all have
/// called. A fault that other processes cannot know of goes to <see cref="Fail"/>, because they wait.
/// </remarks>
public interface ITrainingGroup
{
    /// <summary>This process's place among them, from 0.</summary>
    int Rank { get; }

    /// <summary>How many they are.</summary>
    int Size { get; }

    /// <summary>Puts the mean over all processes into the place of each tensor's values.</summary>
    /// <param name="tensors">Floating-point tensors on any device; written in place, without gradient.</param>
    void Average(IReadOnlyList<Tensor> tensors);

    /// <summary>Puts the values of the first process into the place of each tensor's values.</summary>
    /// <param name="tensors">Tensors of any dtype on any device; written in place, without gradient.</param>
    void Broadcast(IReadOnlyList<Tensor> tensors);

    /// <summary>The rows of all processes, in the order of their ranks.</summary>
    /// <param name="rows">This process's rows <c>[n, ...]</c>, as many as every other's.</param>
    /// <returns>A tensor <c>[Size n, ...]</c> without a graph, on the rows' device; the caller disposes it.</returns>
    Tensor Gather(Tensor rows);

    /// <summary>Ends all processes, naming this one and what happened: the others wait and cannot know.</summary>
    /// <param name="fault">What happened here alone.</param>
    void Fail(Exception fault);
}
