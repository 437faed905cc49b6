using TransferLearning.Augmentation;
using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>
/// Auxiliary balanced classifier (ABC): beside an ordinary classifier, which FixMatch trains, a second one learns from
/// the same features with rows of frequent classes left out at random, so that all classes count alike. It is the one
/// that predicts.
/// </summary>
/// <remarks>
/// <para>
/// The trained predictor is the balanced classifier b, the ordinary one o stands beside it. With the chances
/// <c>r_c = min s / s_c</c> for the shares s of the labeled rows, <c>m_i</c> 1 with chance <c>r_(y_i)</c>, else 0,
/// <c>q_i</c> the weak view's probabilities by b, constants, and <c>m_j</c> 1 with chance
/// <c>1 - g (1 - r_c)</c> for c the class of <c>q_j</c> and g the training's progress, the loss is
/// <c>CE_o(x, y) + FixMatch_o + mean_i m_i CE_b(x_i, y_i) + sum_v mean_j m_j 1[max q_j &gt;= t] CE_b(v(u_j), q_j)</c>
/// over two strong views v; FixMatch's mean is over both (Lee, Shin and Kim 2021, "ABC: Auxiliary Balanced Classifier
/// for Class-imbalanced Semi-supervised Learning", equations 3 to 6, with the constants of the authors' program). Both
/// classifiers' gradients reach the extractor.
/// </para>
/// <para>It takes the place of <see cref="CrossEntropy"/>. One object serves one training at a time.</para>
/// </remarks>
/// <param name="ordinary">The ordinary classifier, features to logits; the phase moves it.</param>
/// <param name="strong">The strong augmentation.</param>
/// <param name="weak">The weak augmentation, or null for the rows themselves.</param>
public sealed class AuxiliaryBalancedClassifier(
    ILabelPredictor ordinary,
    IAugmentation strong,
    IAugmentation? weak = null
) : IObjective, ITrainingHook
{
    private readonly ILabelPredictor ordinary = ordinary ?? throw new ArgumentNullException(nameof(ordinary));
    private readonly IAugmentation strong = strong ?? throw new ArgumentNullException(nameof(strong));

    // Views are known by reference: another object is another draw.
    private readonly AugmentationSequence further = new(strong);
    private Tensor? chances; // r [C]

    /// <summary>The least confidence t at which a row counts, from 0 to below 1. Default 0.95.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Threshold { get; init; } = 0.95;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => weak is null ? [ordinary, strong] : [ordinary, strong, weak];

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) => plan.OfClasses();

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var labeled = step.Labeled.Select(batch => Labeled(step, batch)).ToList();
        Tensor plain,
            balanced,
            mask;
        using (no_grad())
        {
            var features = step.Features(weak is null ? step.Target : step.View(weak, step.Target));
            (plain, balanced) = (step.Scores(ordinary, features), step.Scores(step.Predictor, features));
            mask = Drawn(step, Chances(balanced, step.Progress));
        }
        var unlabeled = new IAugmentation[] { strong, further }.Select(view =>
        {
            var features = step.Features(step.View(view, step.Target));
            var fixedMatch = FixMatch.Of(plain, step.Scores(ordinary, features), Threshold);
            return (fixedMatch / 2) + Of(balanced, step.Scores(step.Predictor, features), mask, Threshold);
        });
        return stack([.. labeled]).mean() + stack([.. unlabeled]).sum();
    }

    /// <summary>The balanced classifier's loss of two sets of logits.</summary>
    /// <param name="weak">Logits of the weak view <c>[n, C]</c>; taken as constants.</param>
    /// <param name="strong">Logits of the strong view <c>[n, C]</c>.</param>
    /// <param name="mask">1 for rows that count, else 0 <c>[n]</c>.</param>
    /// <param name="threshold">The least confidence.</param>
    /// <returns>A scalar, differentiable in <paramref name="strong"/>; the caller disposes it.</returns>
    public static Tensor Of(Tensor weak, Tensor strong, Tensor mask, double threshold = 0.95)
    {
        Guard.Pair(weak, strong);
        Guard.Alive(mask);
        Guard.InRange(threshold, 0, 1);
        using var scope = NewDisposeScope();
        var p = weak.detach().softmax(1);
        var kept = p.amax([1L]).ge(threshold).to(p.dtype) * mask.to(p.dtype);
        return CrossEntropy.Of(strong, p, kept).MoveToOuterDisposeScope();
    }

    /// <summary>The chances at which rows of each class count, <c>min s / s_c</c>.</summary>
    /// <param name="shares">The classes' shares s <c>[C]</c>; a class without a row has the chance 1.</param>
    /// <returns>Chances <c>[C]</c> above 0 to 1; the caller disposes them.</returns>
    public static Tensor Chances(Tensor shares)
    {
        Guard.Alive(shares);
        using var scope = NewDisposeScope();
        var isPresent = shares.gt(0);
        var least = shares.masked_fill(isPresent.logical_not(), double.PositiveInfinity).min();
        return where(isPresent, least / shares, 1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view) => OnResume(view);

    /// <inheritdoc />
    public void OnResume(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        OnEnd();
        using var scope = NewDisposeScope();
        chances = Chances(ClassShares.Of(view.Domains)).DetachFromDisposeScope();
    }

    /// <inheritdoc />
    public void OnEnd()
    {
        chances?.Dispose();
        chances = null;
    }

    /// <summary>Nothing of its own: the chances follow from the domains.</summary>
    public void Exchange(StateBag state) { }

    // 1 or 0 a row, by its chance.
    private static Tensor Drawn(StepContext step, Tensor chance)
    {
        using var generator = step.NextKey().Generator();
        return rand(chance.shape, dtype: float64, generator: generator).to(chance.device).lt(chance).to(float64);
    }

    private Tensor Labeled(StepContext step, LabeledBatch batch)
    {
        var features = step.Features(batch);
        var labels = SoftLabels.Of(batch).to(float64);
        var chance = chances is null ? ones_like(labels.select(1, 0)) : labels.matmul(chances.to(labels.device));
        var mask = Drawn(step, chance);
        var weights = batch.Weights is null ? mask : mask * batch.Weights;
        return CrossEntropy.Of(step.Scores(ordinary, features), batch.Labels, batch.Weights)
            + CrossEntropy.Of(step.Scores(step.Predictor, features), batch.Labels, weights);
    }

    private Tensor Chances(Tensor scores, double progress)
    {
        var labels = scores.argmax(1);
        return chances is null
            ? ones_like(labels, float64)
            : 1 - ((1 - chances.to(labels.device).index_select(0, labels)) * progress);
    }
}
