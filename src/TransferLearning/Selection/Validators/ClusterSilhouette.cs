using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>
/// The silhouette of the target's features under the predicted classes: whether each row lies nearer to its own class.
/// </summary>
/// <remarks>
/// <c>mean_i (b_i - a_i) / max(a_i, b_i)</c> with the row's mean distance <c>a</c> to the others of its class and
/// <c>b</c> to the nearest other class; a class of one row counts 0 (Rousseeuw 1987, "Silhouettes"). From -1 to 1; a
/// model that predicts one class alone scores -1 here, where the silhouette is not defined. The cost grows with the
/// square of the rows; rows are compared by blocks.
/// </remarks>
public sealed record ClusterSilhouette : IModelScore
{
    /// <inheritdoc />
    public double Score(IFeatureExtractor extractor, ILabelPredictor predictor, DomainSet domains)
    {
        using var scope = NewDisposeScope();
        var target = TargetPredictions.Of(extractor, predictor, domains);
        return Of(target.Features, target.Scores.argmax(1));
    }

    /// <summary>The silhouette of some rows.</summary>
    /// <param name="features">The rows <c>[n, d]</c>, at least 2.</param>
    /// <param name="labels">Their class numbers, int64 <c>[n]</c>.</param>
    public static double Of(Tensor features, Tensor labels)
    {
        using var scope = NewDisposeScope();
        var rows = LabeledFeatures.Checked(features, labels);
        var isOfClass = nn.functional.one_hot(labels).to(float64);
        var sizes = isOfClass.sum(dim: 0);
        if (sizes.gt(0).sum().item<long>() < 2)
        {
            return -1;
        }
        var sum = 0.0;
        foreach (var (start, count) in RowBlocks.Of(rows.shape[0], rows.shape[0]))
        {
            Canceling.Check();
            using var block = NewDisposeScope();
            var own = labels.narrow(0, start, count).unsqueeze(1);
            var sums = SquaredDistances.Between(rows.narrow(0, start, count), rows).sqrt().mm(isOfClass);
            var ownSize = sizes.index_select(0, own.squeeze(1));
            var inside = sums.gather(1, own).squeeze(1) / (ownSize - 1).clamp_min(1);
            var others = (sums / sizes.clamp_min(1)).masked_fill(sizes.eq(0), double.PositiveInfinity);
            var outside = others
                .scatter(1, own, full([count, 1], double.PositiveInfinity, float64, rows.device))
                .amin([1L]);
            var larger = inside.maximum(outside).clamp_min(double.Epsilon);
            sum += (((outside - inside) / larger) * ownSize.gt(1)).sum().item<double>();
        }
        return sum / rows.shape[0];
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
