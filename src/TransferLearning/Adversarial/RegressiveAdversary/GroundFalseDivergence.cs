using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// RegDA's ground false: how far an adversarial regressor's heatmaps of the target are from where the predictor reads
/// the other keypoints.
/// </summary>
/// <remarks>
/// <para>
/// A wrong keypoint lies mostly where another keypoint of the same image is. So the adversary is to be wrong there:
/// instead of making the disparity large over all places, which it could do anywhere, it minimizes
/// <c>mean_i mean_k KL(f_ik || softmax(z'_ik))</c>, with <c>f_k = min(1, sum_{j != k} g_j)</c> of the bells <c>g</c>
/// around the largest cells of the predictor's heatmaps, constants, plus 1e-7 and divided by its sum (Jiang, Ji, Wang,
/// Liu, Wang and Long 2021, "Regressive Domain Adaptation for Unsupervised Keypoint Detection").
/// </para>
/// <para>Of a single keypoint there is no other one: the ground false is then the same everywhere.</para>
/// </remarks>
/// <param name="adversary">The adversarial regressor: features to heatmaps of the predictor's shape.</param>
public sealed class GroundFalseDivergence(ILabelPredictor adversary) : IObjective
{
    private readonly ILabelPredictor adversary = adversary ?? throw new ArgumentNullException(nameof(adversary));

    /// <summary>The bell's width sigma in cells, positive. Default 2, the authors' for 64 by 64 cells.</summary>
    [OptionRange(Above = 0)]
    public double Sigma { get; init; } = 2;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [adversary];

    /// <inheritdoc />
    public BatchSplit Split => BatchSplit.Mean;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var heatmaps = HeatmapMath.Of(step, step.Target, nameof(GroundFalseDivergence));
        return Of(heatmaps, step.Scores(adversary, step.Features(step.Target)), Sigma);
    }

    /// <summary>The divergence of some heatmaps from the ground false.</summary>
    /// <param name="heatmaps">The predictor's heatmaps <c>[n, K, h, w]</c>; only their largest cells count.</param>
    /// <param name="adversarial">The adversary's heatmaps of the same rows, of the same shape.</param>
    /// <param name="sigma">The bell's width in cells.</param>
    /// <returns>
    /// A scalar, at least 0, differentiable in the adversary's heatmaps; the caller disposes it.
    /// </returns>
    public static Tensor Of(Tensor heatmaps, Tensor adversarial, double sigma = 2)
    {
        HeatmapMath.Alike(heatmaps, adversarial);
        Guard.Positive(sigma);
        using var scope = NewDisposeScope();
        var bells = HeatmapMath.Bells(HeatmapMath.Peaks(heatmaps), adversarial, sigma);
        var divergences = HeatmapMath.Divergence(adversarial, HeatmapMath.OfOthers(bells), HeatmapMath.Offset);
        return HeatmapMath.Mean(divergences, null).MoveToOuterDisposeScope();
    }
}
