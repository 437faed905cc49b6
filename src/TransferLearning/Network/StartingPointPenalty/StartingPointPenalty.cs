using TorchSharp.Modules;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>L2-SP: fine-tuned parameters are held near the values that they started from.</summary>
/// <remarks>
/// <c>strength/2 sum ||w - w0||^2</c> over the pre-trained part, and <c>freshStrength/2 sum ||w||^2</c> over the new
/// one (Li, Grandvalet and Davoine 2018, "Explicit Inductive Bias for Transfer Learning with Convolutional Networks").
/// The starting point is taken when training starts and is saved in checkpoints.
/// </remarks>
/// <param name="pretrained">The part that starts from learned parameters.</param>
/// <param name="fresh">A part that starts from nothing, the new head for instance, or null.</param>
public sealed class StartingPointPenalty(ITrainable pretrained, ITrainable? fresh = null)
    : IObjective,
        ITrainingHook,
        IDisposable
{
    private readonly ITrainable pretrained = pretrained ?? throw new ArgumentNullException(nameof(pretrained));
    private Tensor[] start = [];

    /// <summary>The strength on the pre-trained part. Default 0.01.</summary>
    [OptionRange(AtLeast = 0)]
    public double Strength { get; init; } = 0.01;

    /// <summary>The strength on the new part. Default 0.01.</summary>
    [OptionRange(AtLeast = 0)]
    public double FreshStrength { get; init; } = 0.01;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => fresh is null ? [pretrained] : [pretrained, fresh];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var parameters = pretrained.Module.parameters().ToList();
        // Before training starts (in the dress rehearsal) the parameters are their own starting point.
        var origin = start.Length == 0 ? [.. parameters.Select(parameter => parameter.detach())] : start;
        var penalty = HalfSquares(parameters, origin) * Strength;
        return fresh is null ? penalty : penalty + (HalfSquares([.. fresh.Module.parameters()], null) * FreshStrength);
    }

    /// <summary>
    /// <c>1/2 sum ||w - w0||^2</c> over matching parameters; without a starting point <c>1/2 sum ||w||^2</c>.
    /// </summary>
    /// <param name="parameters">The parameters w.</param>
    /// <param name="start">Their starting points w0 in the same order, or null for 0.</param>
    /// <returns>A scalar, differentiable in the parameters; the caller disposes it.</returns>
    public static Tensor HalfSquares(IReadOnlyList<Tensor> parameters, IReadOnlyList<Tensor>? start)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        using var scope = NewDisposeScope();
        var squares = parameters.Select(
            (parameter, i) => (start is null ? parameter : parameter - start[i]).square().sum()
        );
        return (stack([.. squares]).sum() / 2).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view)
    {
        Dispose();
        start =
        [
            .. pretrained.Module.parameters().Select(parameter => parameter.detach().clone().DetachFromDisposeScope()),
        ];
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        long count = start.Length;
        state.Number("count", ref count);
        if (state.IsLoading && start.Length != count)
        {
            Dispose();
            start = new Tensor[count];
        }
        for (var i = 0; i < start.Length; i++)
        {
            Tensor? value = start[i];
            state.Slot($"start{i}", ref value);
            start[i] = value!;
        }
    }

    /// <summary>Disposes the starting point.</summary>
    public void Dispose()
    {
        foreach (var tensor in start)
        {
            tensor.Dispose();
        }
        start = [];
    }
}
