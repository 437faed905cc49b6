using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>Target heatmaps of keypoints, and how far a network's heatmaps are from them.</summary>
internal static class HeatmapMath
{
    /// <summary>What is added to heatmaps of predicted keypoints before they are divided by their sum.</summary>
    public const double Offset = 1e-7;

    /// <summary>Refuses what is no heatmaps <c>[n, K, h, w]</c>.</summary>
    public static void Check(
        Tensor heatmaps,
        [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(heatmaps))] string name = ""
    )
    {
        Guard.Alive(heatmaps, name);
        if (heatmaps.dim() != 4 || !heatmaps.is_floating_point() || heatmaps.shape[1..].Contains(0))
        {
            throw new ArgumentException(
                $"{name} must be heatmaps [n, keypoints, height, width] of a floating dtype; got "
                    + $"{Shape.Of(heatmaps)}.",
                name
            );
        }
    }

    /// <summary>Refuses heatmaps of other shapes than those of the predictor.</summary>
    public static void Alike(Tensor heatmaps, Tensor adversarial)
    {
        Check(heatmaps);
        Check(adversarial);
        if (!heatmaps.shape.SequenceEqual(adversarial.shape))
        {
            throw new ArgumentException(
                $"adversarial must be heatmaps of the shape of heatmaps {Shape.Of(heatmaps)}; got "
                    + $"{Shape.Of(adversarial)}.",
                nameof(adversarial)
            );
        }
    }

    /// <summary>A batch's heatmaps by the training's predictor.</summary>
    public static Tensor Of(StepContext step, IBatch batch, string objective) =>
        step.Predictor is KeypointPredictor predictor
            ? step.Scores(predictor.Heatmaps, step.Features(batch))
            : throw new ArgumentException(
                $"{objective} needs a training whose predictor is a {nameof(KeypointPredictor)}, which makes keypoints "
                    + $"of heatmaps; it is a {step.Predictor.GetType().Name}. Give new "
                    + $"{nameof(KeypointPredictor)}(heatmaps)."
            );

    /// <summary>The cells <c>[n, K, 2]</c>, column and row, in which each heatmap is largest.</summary>
    public static Tensor Peaks(Tensor heatmaps)
    {
        var cells = KeypointPredictor.Locate(heatmaps.detach()).reshape(heatmaps.shape[0], -1, 2);
        return (cells * Size(heatmaps)).round();
    }

    /// <summary>
    /// A bell around each cell: <c>exp(-((c - x)^2 + (r - y)^2) / (2 sigma^2))</c> where both distances are at most
    /// <c>3 sigma</c>, and 0 elsewhere.
    /// </summary>
    /// <param name="cells">Columns and rows <c>[n, K, 2]</c>.</param>
    /// <param name="like">Heatmaps of the wanted size, dtype and device.</param>
    /// <param name="sigma">The bell's width in cells.</param>
    /// <returns><c>[n, K, h, w]</c>, from 0 to 1.</returns>
    public static Tensor Bells(Tensor cells, Tensor like, double sigma)
    {
        Tensor Along(long axis, long count)
        {
            var away = arange(count, dtype: like.dtype, device: like.device) - cells.select(2, axis).unsqueeze(-1);
            var bell = (away.square() * (-0.5 / (sigma * sigma))).exp();
            return where(away.abs().le(3 * sigma), bell, zeros_like(bell));
        }
        return Along(1, like.shape[2]).unsqueeze(-1) * Along(0, like.shape[3]).unsqueeze(-2);
    }

    /// <summary>The bells of all other keypoints of each image: <c>min(1, sum_j g_j - g_k)</c>.</summary>
    public static Tensor OfOthers(Tensor bells) => (bells.sum(1, keepdim: true) - bells).clamp(0, 1);

    /// <summary>
    /// <c>KL(t || softmax(z))</c> over the cells of each heatmap, <c>[n, K]</c>, t being <c>target + offset</c> divided
    /// by its sum.
    /// </summary>
    public static Tensor Divergence(Tensor heatmaps, Tensor target, double offset = 0)
    {
        var raised = (target + offset).flatten(2);
        var shares = raised / raised.sum(2, keepdim: true);
        return (shares.xlogy(shares) - (shares * heatmaps.flatten(2).log_softmax(2))).sum(2);
    }

    /// <summary>The mean over rows and keypoints, rows by their weights.</summary>
    public static Tensor Mean(Tensor divergences, Tensor? weights)
    {
        var rows = divergences.mean([1L]);
        return (weights is null ? rows : rows * weights.detach().to(rows.dtype)).mean();
    }

    /// <summary>The numbers of columns and of rows, <c>[w, h]</c>.</summary>
    public static Tensor Size(Tensor heatmaps) =>
        tensor(new[] { (double)heatmaps.shape[3], heatmaps.shape[2] }, heatmaps.dtype, heatmaps.device);
}
