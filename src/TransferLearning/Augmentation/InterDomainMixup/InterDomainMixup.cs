using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>
/// Inter-domain mixup: the network must read a mixture of a source and a target row as the mixture of the source's
/// label and its own reading of the target row.
/// </summary>
/// <remarks>
/// <c>1/n sum_i w_i CE(h(l x_i + (1 - l) t_j), l y_i + (1 - l) q_j)</c> with <c>l = max(l', 1 - l')</c>,
/// <c>l' ~ Beta(alpha, alpha)</c> drawn once a batch, so that the source's part is the larger one; j is drawn for each
/// source row, and <c>q_j = softmax(z_j / T)</c> is the network's prediction for the target row, without gradient (Yan,
/// Song, Li, Zou and Ren 2020, "Improve Unsupervised Domain Adaptation with Mixup Training"). Goes beside a loss of the
/// source rows themselves. The sources' means are averaged.
/// </remarks>
public sealed record InterDomainMixup : IObjective
{
    /// <summary>The parameter of the Beta distribution: small mixes little. Default 1, every share alike.</summary>
    [OptionRange(Above = 0)]
    public double Alpha { get; init; } = 1;

    /// <summary>The temperature T of the target's predictions, positive; below 1 sharpens. Default 0.5.</summary>
    [OptionRange(Above = 0)]
    public double Temperature { get; init; } = 0.5;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        Tensor readings;
        using (no_grad())
        {
            readings = (step.Scores(step.Target) / Temperature).softmax(1);
        }
        var terms = step.Sources.Select(source =>
        {
            var key = step.NextKey();
            var drawn = MixingShare.Draw(Alpha, key.Child(0));
            var partners = RowDraws.Whole(
                step.Target.Inputs,
                key.Child(1),
                step.Target.Inputs.shape[0],
                source.Inputs.shape[0]
            );
            var mixed = Mix(source, step.Target.Inputs, readings, partners, Math.Max(drawn, 1 - drawn));
            return CrossEntropy.Of(step.Scores(mixed), mixed.Labels, mixed.Weights);
        });
        return stack([.. terms]).mean();
    }

    /// <summary>Mixes a source's batch with target rows.</summary>
    /// <param name="batch">The source's batch, with classes.</param>
    /// <param name="target">Target rows <c>[m, ...]</c>.</param>
    /// <param name="probabilities">What they are read as, <c>[m, C]</c>.</param>
    /// <param name="partners">The target row of each source row, int64 <c>[n]</c>.</param>
    /// <param name="share">The share l of the source row, from 0 to 1.</param>
    /// <returns>
    /// The mixed batch with class probabilities as labels and the source's weights; its tensors belong to the caller's
    /// scope.
    /// </returns>
    public static LabeledBatch Mix(
        LabeledBatch batch,
        Tensor target,
        Tensor probabilities,
        Tensor partners,
        double share
    )
    {
        ArgumentNullException.ThrowIfNull(batch);
        Guard.Alive(target);
        Guard.Alive(probabilities);
        Guard.Alive(partners);
        if (!batch.Space.IsClasses)
        {
            throw new ArgumentException(
                $"inter-domain mixup is of classes; the labels are {batch.Space}.",
                nameof(batch)
            );
        }
        var labels = SoftLabels.Of(batch);
        return batch.With(
            (batch.Inputs * share) + (target.index_select(0, partners) * (1 - share)),
            (labels * share) + (probabilities.detach().to(labels.dtype).index_select(0, partners) * (1 - share))
        );
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
