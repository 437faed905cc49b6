using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>MCD's gap: how much the predictor and a second classifier disagree on the target.</summary>
/// <remarks>
/// <c>1/(n C) sum_i sum_c |softmax(z_i)_c - softmax(z'_i)_c|</c> over the target batch (Saito, Watanabe, Ushiku and
/// Harada 2018, "Maximum Classifier Discrepancy for Unsupervised Domain Adaptation", equation 9). Target rows far from
/// the source's are where two classifiers that fit the source disagree: the classifiers make the gap large, the
/// extractor small. Any other discrepancy of the two sets of probabilities can take its place; the sliced Wasserstein
/// distance makes it SWD (Lee, Batra, Baig and Ulbricht 2019). Differentiable in both scores; entries that agree have
/// slope 0.
/// </remarks>
/// <param name="second">The second classifier, on the same features.</param>
/// <param name="gap">What measures the gap of the probabilities, or null for their absolute difference.</param>
public sealed class ClassifierDiscrepancy(ILabelPredictor second, IDiscrepancy? gap = null) : IObjective
{
    private readonly ILabelPredictor second = second ?? throw new ArgumentNullException(nameof(second));

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => gap is null ? [second] : [second, gap];

    /// <inheritdoc />
    public BatchSplit Split => gap is null ? BatchSplit.Mean : BatchSplit.Gathered;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var (first, other) = (step.Scores(step.Target), step.Scores(second, step.Features(step.Target)));
        if (gap is null)
        {
            return Of(first, other);
        }
        Check(first, other);
        return gap.Between(first.softmax(1), other.softmax(1));
    }

    /// <summary>The mean absolute difference of two classifiers' probabilities.</summary>
    /// <param name="first">Logits <c>[n, C]</c>.</param>
    /// <param name="second">Logits <c>[n, C]</c> of the same rows.</param>
    /// <returns>A scalar from 0 to <c>2 / C</c>, differentiable in both; the caller disposes it.</returns>
    public static Tensor Of(Tensor first, Tensor second)
    {
        Check(first, second);
        using var scope = NewDisposeScope();
        return (first.softmax(1) - second.softmax(1)).abs().mean().MoveToOuterDisposeScope();
    }

    private static void Check(Tensor first, Tensor second)
    {
        Guard.Pair(first, second);
        if (first.shape[0] != second.shape[0])
        {
            throw new ArgumentException(
                $"second must hold the scores of the same rows as first {Shape.Of(first)}; got {Shape.Of(second)}.",
                nameof(second)
            );
        }
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
