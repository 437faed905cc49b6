using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>
/// The cross-entropy of labeled rows as a learned view shows them: the network lowers it, and the view, within its
/// bounds, raises it.
/// </summary>
/// <remarks>
/// <c>1/n sum_i w_i CE(h(f(v(x_i))), y_i)</c>, the mean over the labeled batches, with <c>-lambda</c> times its
/// gradient going to the view's parameters: one step of a game between them, by the gradient reversal of Ganin and
/// Lempitsky 2015, over the parameters of an augmentation (as in Zhang, Wang, Zhang and Zhong 2020, "Adversarial
/// AutoAugment", whose parameters are probabilities of fixed operations and learned by rewards). With
/// <see cref="Cooperates"/> the view lowers the loss as well: it learns to show rows in a way in which they are read.
/// The phase moves the view together with the network.
/// </remarks>
/// <param name="view">The view.</param>
/// <param name="reversal">The factor lambda over progress, not negative. Default 1.</param>
public sealed class LearnedViewCrossEntropy(ILearnedView view, Schedule? reversal = null) : IObjective
{
    private readonly ILearnedView view = view ?? throw new ArgumentNullException(nameof(view));
    private readonly Schedule reversal = reversal ?? 1;

    /// <summary>Whether the view lowers the loss, too. Default false: it raises it.</summary>
    public bool Cooperates { get; init; }

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [view];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var factor = reversal.At(step.Progress);
        var losses = step.Labeled.Select(batch =>
            CrossEntropy.Of(Seen(step, batch, view, factor, Cooperates), batch.Labels, batch.Weights)
        );
        return stack([.. losses]).mean();
    }

    /// <summary>The scores of a batch as the view shows it.</summary>
    internal static Tensor Seen(StepContext step, IBatch batch, ILearnedView view, double factor, bool cooperates)
    {
        var shown = view.Look(batch.Inputs, step.NextKey());
        // A factor of -1 turns the turned gradient back.
        var passed = ReversedGradient.Of(shown, cooperates ? -factor : factor);
        return step.Scores(step.Predictor, step.Features(step.Extractor.For(batch.Domain), passed));
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
