using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>How far the predictor's heatmaps are from bells around the labeled keypoints.</summary>
/// <remarks>
/// <c>mean_i w_i mean_k KL(t_ik || softmax(z_ik))</c> over the cells of each heatmap <c>z</c>, averaged over the
/// labeled batches. The target <c>t</c> is the bell <c>exp(-((c - x)^2 + (r - y)^2) / (2 sigma^2))</c> around the cell
/// nearest to the keypoint, cut off where a distance is above <c>3 sigma</c>, and divided by its sum (Jiang, Ji, Wang,
/// Liu, Wang and Long 2021, "Regressive Domain Adaptation for Unsupervised Keypoint Detection"). Labels
/// are as <see cref="KeypointPredictor"/> predicts; a keypoint that no cell is nearest to counts 0. Natural logarithm.
/// </remarks>
public sealed record KeypointDivergence : IObjective
{
    /// <summary>The bell's width sigma in cells, positive. Default 2, the authors' for 64 by 64 cells.</summary>
    [OptionRange(Above = 0)]
    public double Sigma { get; init; } = 2;

    /// <inheritdoc />
    public BatchSplit Split => BatchSplit.Mean;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var losses = step.Labeled.Select(batch =>
            Of(HeatmapMath.Of(step, batch, nameof(KeypointDivergence)), batch.Labels, Sigma, batch.Weights)
        );
        return stack([.. losses]).mean();
    }

    /// <summary>The divergence of some heatmaps.</summary>
    /// <param name="heatmaps">Heatmaps <c>[n, K, h, w]</c>, any real numbers.</param>
    /// <param name="keypoints">
    /// Coordinates <c>[n, 2 K]</c>, shares of width and height: <c>x_1, y_1, x_2, ...</c>
    /// </param>
    /// <param name="sigma">The bell's width in cells.</param>
    /// <param name="weights">Row weights <c>[n]</c>, or null. The mean is over rows, not over weights.</param>
    /// <returns>A scalar, at least 0, differentiable in the heatmaps; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">There are not two coordinates for each heatmap.</exception>
    public static Tensor Of(Tensor heatmaps, Tensor keypoints, double sigma = 2, Tensor? weights = null)
    {
        HeatmapMath.Check(heatmaps);
        Guard.Alive(keypoints);
        Guard.AliveOrNull(weights);
        Guard.Positive(sigma);
        var (n, k) = (heatmaps.shape[0], heatmaps.shape[1]);
        if (!keypoints.is_floating_point() || !keypoints.shape.SequenceEqual([n, 2 * k]))
        {
            throw new ArgumentException(
                $"keypoints must be x and y of the {k} keypoints, values [{n}, {2 * k}]; got {Shape.Of(keypoints)}.",
                nameof(keypoints)
            );
        }
        using var scope = NewDisposeScope();
        var size = HeatmapMath.Size(heatmaps);
        var cells = ((keypoints.detach().to(heatmaps.dtype).reshape(n, k, 2) * size) + 0.5).floor();
        var isSeen = (cells.ge(0) & cells.lt(size)).all(2);
        var bells = HeatmapMath.Bells(cells.maximum(zeros_like(cells)).minimum(size - 1), heatmaps, sigma);
        var divergences = HeatmapMath.Divergence(heatmaps, bells) * isSeen.to(heatmaps.dtype);
        return HeatmapMath.Mean(divergences, weights).MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) =>
        plan.Domains.Space is { IsValues: true } space && space.Width % 2 == 0
            ? []
            : [$"reads keypoints, values x_1, y_1, x_2, ...; the labels are {plan.Domains.Space}."];
}
