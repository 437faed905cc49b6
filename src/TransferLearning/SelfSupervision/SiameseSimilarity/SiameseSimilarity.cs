using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.SelfSupervision;

/// <summary>
/// SimSiam: what one view of a row predicts must point to the projection of the other view, which takes no gradient.
/// </summary>
/// <remarks>
/// <c>-1/2 mean_i cos(q(z_i), z'_i) - 1/2 mean_i cos(q(z'_i), z_i)</c>, z and z' the projections of the two views,
/// constants where they are the goal (Chen and He 2021, "Exploring Simple Siamese Representation Learning", equation
/// 2). No other rows are needed. Without the predictor q, or with a gradient through the goal, all rows collapse to one
/// point.
/// </remarks>
public sealed class SiameseSimilarity : ISelfSupervision
{
    private readonly ILabelPredictor head;
    private readonly ILabelPredictor guess;
    private readonly IAugmentation first;
    private readonly IAugmentation second;

    /// <summary>A similarity of two views.</summary>
    /// <param name="head">
    /// Projects features <c>[n, d]</c> to <c>[n, k]</c>; the authors end it with a batch normalization.
    /// </param>
    /// <param name="guess">
    /// The predictor q, <c>[n, k]</c> to <c>[n, k]</c>; the authors take a bottleneck of k/4.
    /// </param>
    /// <param name="first">How a row is looked at.</param>
    /// <param name="second">How it is looked at a second time; null for the same, drawn anew.</param>
    public SiameseSimilarity(
        ILabelPredictor head,
        ILabelPredictor guess,
        IAugmentation first,
        IAugmentation? second = null
    )
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(guess);
        (this.head, this.guess) = (head, guess);
        (this.first, this.second) = AnotherLook.Two(first, second);
    }

    /// <summary>Whose rows are looked at. Default all.</summary>
    public ViewedDomains Domains { get; init; }

    /// <inheritdoc />
    public IReadOnlyList<IPart> Learned => [head, guess];

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [head, guess, first, second];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        var batches = ViewedRows.Of(step, Domains, "the similarity");
        (Tensor Projected, Tensor Guessed) Passed(IAugmentation view)
        {
            Tensor Head(IBatch batch) => step.Scores(head, step.Features(step.View(view, batch)));
            return (
                ViewedRows.Joined(batches, Head),
                ViewedRows.Joined(batches, batch => step.Scores(guess, Head(batch)))
            );
        }
        var (one, other) = (Passed(first), Passed(second));
        return (Of(one.Guessed, other.Projected) + Of(other.Guessed, one.Projected)) / 2;
    }

    /// <summary><c>-mean_i cos(q_i, z_i)</c>.</summary>
    /// <param name="guesses">Guesses q <c>[n, k]</c>.</param>
    /// <param name="goals">Projections z <c>[n, k]</c>; taken as constants.</param>
    /// <returns>A scalar from -1 to 1, differentiable in the guesses; the caller disposes it.</returns>
    public static Tensor Of(Tensor guesses, Tensor goals)
    {
        Guard.Pair(guesses, goals);
        using var scope = NewDisposeScope();
        var cosines = (ViewedRows.Unit(guesses) * ViewedRows.Unit(goals.detach())).sum(1);
        return cosines.mean().neg().MoveToOuterDisposeScope();
    }
}
