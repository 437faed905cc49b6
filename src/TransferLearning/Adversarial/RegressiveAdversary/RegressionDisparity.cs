using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// RegDA's disparity: how far an adversarial regressor's heatmaps are from bells around the keypoints that the
/// predictor reads.
/// </summary>
/// <remarks>
/// <c>mean_i mean_k KL(t_ik || softmax(z'_ik))</c> over the cells of each heatmap <c>z'</c> of the adversary; <c>t</c>
/// is the bell around the largest cell of the predictor's heatmap, a constant, plus 1e-7 and divided by its sum (Jiang,
/// Ji, Wang, Liu, Wang and Long 2021, "Regressive Domain Adaptation for Unsupervised Keypoint Detection"). The gradient
/// that reaches the extractor is <c>lambda</c> times the term's; the adversary has all of it. Example weights of the
/// source count.
/// </remarks>
/// <param name="adversary">The adversarial regressor: features to heatmaps of the predictor's shape.</param>
/// <param name="reach">
/// The factor lambda over progress. Default <c>0.1 (2 / (1 + exp(-15 p)) - 1)</c>: the authors' rise within thousands
/// of steps, over their 15,000.
/// </param>
public sealed class RegressionDisparity(ILabelPredictor adversary, Schedule? reach = null) : IObjective
{
    private readonly ILabelPredictor adversary = adversary ?? throw new ArgumentNullException(nameof(adversary));
    private readonly Schedule reach = reach ?? Schedule.SigmoidRamp(gamma: 15, height: 0.1);

    /// <summary>Whether the rows are the target's instead of the sources'. Default false.</summary>
    public bool IsOfTarget { get; init; }

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
        var coefficient = reach.At(step.Progress);
        Tensor Disparity(IBatch batch, Tensor? weights)
        {
            var heatmaps = HeatmapMath.Of(step, batch, nameof(RegressionDisparity));
            // Not reversed, but scaled: the factor is the negative of a negative.
            var features = ReversedGradient.Of(step.Features(batch), -coefficient);
            return Of(heatmaps, step.Scores(adversary, features), Sigma, weights);
        }
        return IsOfTarget
            ? Disparity(step.Target, null)
            : stack([.. step.Sources.Select(source => Disparity(source, source.Weights))]).mean();
    }

    /// <summary>The disparity of some heatmaps.</summary>
    /// <param name="heatmaps">The predictor's heatmaps <c>[n, K, h, w]</c>; only their largest cells count.</param>
    /// <param name="adversarial">The adversary's heatmaps of the same rows, of the same shape.</param>
    /// <param name="sigma">The bell's width in cells.</param>
    /// <param name="weights">Row weights <c>[n]</c>, or null. The mean is over rows, not over weights.</param>
    /// <returns>
    /// A scalar, at least 0, differentiable in the adversary's heatmaps; the caller disposes it.
    /// </returns>
    public static Tensor Of(Tensor heatmaps, Tensor adversarial, double sigma = 2, Tensor? weights = null)
    {
        HeatmapMath.Alike(heatmaps, adversarial);
        Guard.AliveOrNull(weights);
        Guard.Positive(sigma);
        using var scope = NewDisposeScope();
        var bells = HeatmapMath.Bells(HeatmapMath.Peaks(heatmaps), adversarial, sigma);
        var divergences = HeatmapMath.Divergence(adversarial, bells, HeatmapMath.Offset);
        return HeatmapMath.Mean(divergences, weights).MoveToOuterDisposeScope();
    }
}
