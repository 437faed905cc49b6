using TransferLearning.Augmentation;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>The Pi-model: two looks at a target row must be read alike.</summary>
/// <remarks>
/// <c>mean_i mean_c (softmax(z_i)_c - softmax(z'_i)_c)^2</c> for logits z and <c>z'</c> of two views, z' a constant
/// (Laine and Aila 2017, "Temporal Ensembling for Semi-Supervised Learning", where both carry a gradient, twice this
/// one's on average: <see cref="LearnsFromBoth"/>). The weight should rise: <see cref="Schedule.GaussianRamp"/> is the
/// paper's.
/// </remarks>
/// <param name="first">The first view, which learns.</param>
/// <param name="second">
/// The second view, or null for the rows themselves; the first again is another draw of it.
/// </param>
public sealed class PiModel(IAugmentation first, IAugmentation? second = null) : IObjective
{
    private readonly IAugmentation first = first ?? throw new ArgumentNullException(nameof(first));
    private readonly IAugmentation? second = SecondLook.Apart(first, second);

    /// <summary>
    /// Whether squares are summed over the classes and not averaged, which makes the term C times as strong. Default
    /// false.
    /// </summary>
    public bool SumsClasses { get; init; }

    /// <summary>Whether the second view carries a gradient, too, as in the paper. Default false.</summary>
    public bool LearnsFromBoth { get; init; }

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => second is null ? [first] : [first, second];

    /// <inheritdoc />
    public BatchSplit Split => BatchSplit.Mean;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Tensor Second() => step.Scores(second is null ? step.Target : step.View(second, step.Target));
        if (LearnsFromBoth)
        {
            using var scope = NewDisposeScope();
            var squares = (Second().softmax(1) - step.Scores(step.View(first, step.Target)).softmax(1)).square();
            return (SumsClasses ? squares.sum(1) : squares.mean([1L])).mean().MoveToOuterDisposeScope();
        }
        Tensor wanted;
        using (no_grad())
        {
            wanted = Second();
        }
        return MeanTeacher.Distance(step.Scores(step.View(first, step.Target)), wanted, sumsClasses: SumsClasses);
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
