using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>
/// LEEP: how well the target's classes follow from the classes that a pretrained classifier sees in its rows.
/// </summary>
/// <remarks>
/// For the classifier's probabilities <c>theta_i</c> of row i over its own classes z, and the target's classes y:
/// <c>P(y, z) = 1/n sum_{i: y_i = y} theta_iz</c>, and the score is <c>mean_i log sum_z P(y_i | z) theta_iz</c>, the
/// log-likelihood of a classifier that goes from z to y by these shares (Nguyen, Hassner, Seeger and Archambeau 2020,
/// "LEEP: A New Measure to Evaluate Transferability of Learned Representations"). It is not above 0; one target class
/// alone gives 0.
/// </remarks>
public static class LogExpectedEmpiricalPrediction
{
    /// <summary>Scores a classifier.</summary>
    /// <param name="probabilities">Its probabilities over its own classes <c>[n, z]</c>.</param>
    /// <param name="labels">The target's class numbers, int64 <c>[n]</c>.</param>
    public static double Of(Tensor probabilities, Tensor labels)
    {
        Guard.Rows(probabilities);
        LabeledFeatures.Labels(labels, probabilities.shape[0], nameof(probabilities));
        using var scope = NewDisposeScope();
        var theta = probabilities.detach().to(float64);
        var isOfClass = nn.functional.one_hot(labels).to(float64);
        var joint = isOfClass.t().mm(theta) / theta.shape[0];
        // A class of the classifier that never has mass says nothing, and its share is multiplied by 0.
        var given = joint / joint.sum(dim: 0, keepdim: true).clamp_min(double.Epsilon);
        return (given.index_select(0, labels) * theta).sum(1).log().mean().item<double>();
    }
}
