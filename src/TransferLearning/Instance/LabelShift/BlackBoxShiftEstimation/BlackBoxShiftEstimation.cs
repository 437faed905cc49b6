using System.Globalization;
using TransferLearning.Internal;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>BBSE: class weights for label shift, from the confusion of any classifier.</summary>
/// <remarks>
/// Under label shift, <c>p_t(x | y) = p_s(x | y)</c>, the weights <c>w_y = p_t(y) / p_s(y)</c> solve <c>C w = q</c>
/// with <c>C_ij = p_s(predicted i, true j)</c>, estimated on held-out source rows, and <c>q_i = p_t(predicted i)</c>
/// (Lipton, Wang and Smola 2018, "Detecting and Correcting for Label Shift with Black Box Predictors"); negative
/// solutions are cut at 0. Every source row weighs as its class. Costs Folds + 1 fits of the classifier.
/// </remarks>
public sealed record BlackBoxShiftEstimation : IInstanceWeighting
{
    /// <summary>The classifier. Default logistic regression.</summary>
    public ILabelLearner Classifier { get; init; } = new LogisticRegression();

    /// <summary>
    /// Whether probabilities are counted instead of predicted classes. Default false, the paper's first form.
    /// </summary>
    public bool IsSoft { get; init; }

    /// <summary>The folds by which source rows are held out, at least 2. Default 5.</summary>
    [OptionRange(AtLeast = 2)]
    public int Folds { get; init; } = 5;

    /// <inheritdoc />
    public Tensor Weigh(LabeledDomain source, UnlabeledDomain target, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        Guard.Pair(source.Inputs, target.Inputs, sourceName: nameof(source), targetName: nameof(target));
        Guard.Options(this);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (held, seen) = HeldOutProbabilities.Of(Classifier, source, target, Folds, context);
        return HeldOutProbabilities.OfRows(ClassWeights(held, source.Labels, seen), source).MoveToOuterDisposeScope();
    }

    /// <summary>The class weights for some predictions.</summary>
    /// <param name="sourceProbabilities">
    /// Class probabilities of source rows that the classifier did not see, <c>[n, C]</c>.
    /// </param>
    /// <param name="sourceLabels">Their classes, int64 <c>[n]</c>.</param>
    /// <param name="targetProbabilities">Class probabilities of target rows <c>[m, C]</c>.</param>
    /// <returns>The weights, float64 <c>[C]</c>; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">
    /// The confusion matrix cannot be inverted: a class does not occur, or is never told from another.
    /// </exception>
    public Tensor ClassWeights(Tensor sourceProbabilities, Tensor sourceLabels, Tensor targetProbabilities)
    {
        Guard.Pair(sourceProbabilities, targetProbabilities);
        Guard.Alive(sourceLabels);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var classes = sourceProbabilities.shape[1];
        var truth = nn.functional.one_hot(sourceLabels, classes).to(float64);
        var confusion = Votes(sourceProbabilities).t().matmul(truth) / sourceLabels.shape[0];
        var least = linalg.svdvals(confusion).min().item<double>();
        if (least < 1e-10)
        {
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the classifier's confusion matrix of {classes} classes cannot be inverted (least singular value "
                        + $"{least:g2}): a class has no source rows, or is never told from another. Use "
                        + $"MaximumLikelihoodLabelShift, or a better classifier."
                ),
                nameof(sourceProbabilities)
            );
        }
        var shares = Votes(targetProbabilities).mean([0L]);
        return linalg.solve(confusion, shares).clamp_min(0).MoveToOuterDisposeScope();
    }

    private Tensor Votes(Tensor probabilities) =>
        IsSoft
            ? probabilities.to(float64)
            : nn.functional.one_hot(probabilities.argmax(1), probabilities.shape[1]).to(float64);

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => HeldOutProbabilities.Faults(plan, Folds);
}
