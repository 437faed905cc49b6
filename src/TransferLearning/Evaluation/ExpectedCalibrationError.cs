using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Evaluation;

/// <summary>How far a classifier's confidence lies from its accuracy.</summary>
/// <remarks>
/// The confidence of a row is its largest probability. Rows are put into B bins <c>(b/B, (b+1)/B]</c> by their
/// confidence, and <c>ECE = sum_b n_b / n |accuracy_b - mean confidence_b|</c> (Guo, Pleiss, Sun and Weinberger 2017,
/// "On Calibration of Modern Neural Networks", equation 3). 0 is a classifier whose confidence can be taken at its
/// word. Computed in float64.
/// </remarks>
public static class ExpectedCalibrationError
{
    /// <summary>Measures some probabilities.</summary>
    /// <param name="probabilities">Probabilities <c>[n, C]</c>, rows summing to 1: a softmax of logits.</param>
    /// <param name="labels">Class numbers, int64 <c>[n]</c>.</param>
    /// <param name="bins">The number of bins B, at least 1. Default 15, the paper's.</param>
    /// <exception cref="ArgumentException">The shapes do not go together, or the rows are no probabilities.</exception>
    public static double Of(Tensor probabilities, Tensor labels, int bins = 15)
    {
        Guard.Rows(probabilities);
        Guard.Alive(labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        using var scope = NewDisposeScope();
        var shares = probabilities.to(float64);
        var classes = shares.argmax(1);
        Classes.Check(classes, labels);
        if (!(shares.ge(0) & (shares.sum(1, keepdim: true) - 1).abs().lt(1e-3)).all().ToBoolean())
        {
            throw new ArgumentException(
                "probabilities must be at least 0 and sum to 1 in every row; got others in "
                    + $"{Shape.Of(probabilities)}. Take a softmax of logits first.",
                nameof(probabilities)
            );
        }
        var confidence = shares.amax([1L]);
        var surplus = classes.eq(labels.to(classes.device)).to(float64) - confidence;
        var bin = ((confidence * bins).ceil() - 1).clamp(0, bins - 1).to(int64);
        return zeros(bins, float64, shares.device).index_add(0, bin, surplus, 1).abs().sum().ToDouble()
            / labels.shape[0];
    }
}
