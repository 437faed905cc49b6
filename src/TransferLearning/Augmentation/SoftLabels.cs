using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>Labels that can be mixed, and mixed ones.</summary>
internal static class SoftLabels
{
    /// <summary>
    /// Class numbers as one-hot rows of the inputs' dtype, float32 where these are tokens; probabilities and values as
    /// they are.
    /// </summary>
    public static Tensor Of(LabeledBatch batch) =>
        batch.Labels.is_floating_point()
            ? batch.Labels
            : nn
                .functional.one_hot(batch.Labels, batch.Space.Width)
                .to(batch.Inputs.is_floating_point() ? batch.Inputs.dtype : float32);

    /// <summary>
    /// The labels and example weights of mixed rows, <c>w = l w_i + (1 - l) w_j</c> and
    /// <c>y = (l w_i y_i + (1 - l) w_j y_j) / w</c>: a loss that is linear in its labels is then
    /// <c>l w_i loss(y_i) + (1 - l) w_j loss(y_j)</c>. Opens no scope.
    /// </summary>
    /// <param name="own">The rows.</param>
    /// <param name="partners">The rows that they are mixed with, the same ones as a rule.</param>
    /// <param name="mix">Mixes numbers of the rows <c>[n, ...]</c> with those of the partners.</param>
    /// <returns>Labels as <see cref="Of"/> gives them, and weights; null where neither rows have any.</returns>
    public static (Tensor Labels, Tensor? Weights) Mixed(
        LabeledBatch own,
        LabeledBatch partners,
        Func<Tensor, Tensor, Tensor> mix
    ) => Mixed((Of(own), own.Weights), (Of(partners), partners.Weights), mix);

    /// <inheritdoc cref="Mixed(LabeledBatch, LabeledBatch, Func{Tensor, Tensor, Tensor})"/>
    public static (Tensor Labels, Tensor? Weights) Mixed(
        (Tensor Labels, Tensor? Weights) own,
        (Tensor Labels, Tensor? Weights) partners,
        Func<Tensor, Tensor, Tensor> mix
    )
    {
        var labels = mix(own.Labels, partners.Labels);
        if (own.Weights is null && partners.Weights is null)
        {
            return (labels, null);
        }
        var (ofOwn, ofPartners) = (WeightsOf(own), WeightsOf(partners));
        var weights = mix(ofOwn, ofPartners);
        var sums = mix(own.Labels * PerRow(ofOwn, labels), partners.Labels * PerRow(ofPartners, labels));
        var each = PerRow(weights, labels);
        // A mixture of two rows of weight 0 costs nothing, whatever its label is.
        var mixed = where(each.gt(0), sums / each, labels.to(float64)).to(labels.dtype);
        return (mixed, weights.to((own.Weights ?? partners.Weights)!.dtype));
    }

    private static Tensor WeightsOf((Tensor Labels, Tensor? Weights) rows) =>
        rows.Weights?.to(float64) ?? ones(rows.Labels.shape[0], float64, rows.Labels.device);

    private static Tensor PerRow(Tensor weights, Tensor labels) =>
        weights.reshape([-1, .. Enumerable.Repeat(1L, (int)labels.dim() - 1)]);
}
