using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.SelfSupervision;

/// <summary>
/// BYOL: what one view of a row predicts must point to the projection of the other view by a moving average of the
/// network.
/// </summary>
/// <remarks>
/// <para>
/// <c>mean_i (2 - 2 cos(q(z_i), t'_i)) + mean_i (2 - 2 cos(q(z'_i), t_i))</c>, t the projections by the averaged
/// extractor and head, constants (Grill et al. 2020, "Bootstrap Your Own Latent", equations 2 and 3). After every step
/// the averages keep a share m, which goes from <see cref="Momentum"/> to 1:
/// <c>m = 1 - (1 - Momentum) (cos(pi progress) + 1) / 2</c>.
/// </para>
/// <para>
/// The averages start as copies and are saved in checkpoints. They pass in evaluation mode, by running statistics that
/// are copied from the network; the authors' pass in training mode, by those of the batch.
/// </para>
/// </remarks>
public sealed class BootstrapLatent : ISelfSupervision, ITrainingHook
{
    private readonly ModulePart head;
    private readonly ILabelPredictor guess;
    private readonly ModulePart goalExtractor;
    private readonly ModulePart goalHead;
    private readonly IAugmentation first;
    private readonly IAugmentation second;

    /// <summary>A bootstrap of two views.</summary>
    /// <param name="head">Projects features <c>[n, d]</c> to <c>[n, k]</c>.</param>
    /// <param name="guess">The predictor q, <c>[n, k]</c> to <c>[n, k]</c>.</param>
    /// <param name="goalExtractor">
    /// The average of the extractor: <c>extractor.Replica()</c>. The caller disposes it.
    /// </param>
    /// <param name="goalHead">The average of the head: <c>head.Replica()</c>. Likewise.</param>
    /// <param name="first">How a row is looked at.</param>
    /// <param name="second">How it is looked at a second time; null for the same, drawn anew.</param>
    public BootstrapLatent(
        ModulePart head,
        ILabelPredictor guess,
        ModulePart goalExtractor,
        ModulePart goalHead,
        IAugmentation first,
        IAugmentation? second = null
    )
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(guess);
        ArgumentNullException.ThrowIfNull(goalExtractor);
        ArgumentNullException.ThrowIfNull(goalHead);
        (this.head, this.guess, this.goalExtractor, this.goalHead) = (head, guess, goalExtractor, goalHead);
        (this.first, this.second) = AnotherLook.Two(first, second);
    }

    /// <summary>Whose rows are looked at. Default all.</summary>
    public ViewedDomains Domains { get; init; }

    /// <summary>
    /// The share of the averages that the first step keeps, from 0 to below 1. Default 0.996, the authors'.
    /// </summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Momentum { get; init; } = 0.996;

    /// <inheritdoc />
    public IReadOnlyList<IPart> Learned => [head, guess];

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [head, guess, goalExtractor, goalHead, first, second];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        Guard.Options(this);
        var batches = ViewedRows.Of(step, Domains, "the bootstrap");
        Tensor Guessed(IAugmentation view) =>
            ViewedRows.Joined(
                batches,
                batch => step.Scores(guess, step.Scores(head, step.Features(step.View(view, batch))))
            );
        Tensor Goals(IAugmentation view)
        {
            using var quiet = no_grad();
            return ViewedRows.Joined(
                batches,
                batch => step.Scores(goalHead, step.Features(goalExtractor, step.View(view, batch)))
            );
        }
        return Of(Guessed(first), Goals(second)) + Of(Guessed(second), Goals(first));
    }

    /// <summary><c>mean_i (2 - 2 cos(q_i, t_i))</c>, the squared distance of the two at length 1.</summary>
    /// <param name="guesses">Guesses q <c>[n, k]</c>.</param>
    /// <param name="goals">Projections t <c>[n, k]</c>; taken as constants.</param>
    /// <returns>A scalar from 0 to 4, differentiable in the guesses; the caller disposes it.</returns>
    public static Tensor Of(Tensor guesses, Tensor goals)
    {
        Guard.Pair(guesses, goals);
        using var scope = NewDisposeScope();
        var cosines = (ViewedRows.Unit(guesses) * ViewedRows.Unit(goals.detach())).sum(1);
        return (2 - (cosines.mean() * 2)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        goalExtractor.CopyFrom(MovingAverage.Leader(view, "a bootstrap"));
        goalHead.CopyFrom(head);
    }

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step)
    {
        ArgumentNullException.ThrowIfNull(view);
        var share = 1 - ((1 - Momentum) * (Math.Cos(Math.PI * view.Progress) + 1) / 2);
        MovingAverage.Follow(goalExtractor.Module, MovingAverage.Leader(view, "a bootstrap").Module, share);
        MovingAverage.Follow(goalHead.Module, head.Module, share);
    }

    /// <summary>Nothing of its own: the averages are checkpointed as parts.</summary>
    public void Exchange(StateBag state) { }
}
