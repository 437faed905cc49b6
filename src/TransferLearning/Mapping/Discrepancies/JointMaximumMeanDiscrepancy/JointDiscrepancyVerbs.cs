using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>Verbs for joint adaptation networks.</summary>
public static class JointDiscrepancyVerbs
{
    /// <summary>
    /// Makes the joint discrepancy of features and predictions small behind layers that make it large: JAN-A.
    /// </summary>
    /// <param name="training">The training.</param>
    /// <param name="ofFeatures">The layer behind the features; it is moved by the main phase.</param>
    /// <param name="ofProbabilities">The layer behind the class probabilities, likewise.</param>
    /// <param name="weight">
    /// The weight of the discrepancy over progress, for the network and the layers alike. Default 1.
    /// </param>
    public static NetworkTraining OpposeJointly(
        this NetworkTraining training,
        IFeatureExtractor ofFeatures,
        IFeatureExtractor ofProbabilities,
        Schedule? weight = null
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        var discrepancy = new AdversarialJointMaximumMeanDiscrepancy(ofFeatures, ofProbabilities);
        training.Main.Move(ofFeatures, ofProbabilities);
        return training.Minimize(discrepancy, weight);
    }

    /// <inheritdoc cref="OpposeJointly(NetworkTraining, IFeatureExtractor, IFeatureExtractor, Schedule?)"/>
    public static NetworkTraining OpposeJointly(
        this NetworkTraining training,
        nn.Module<Tensor, Tensor> ofFeatures,
        nn.Module<Tensor, Tensor> ofProbabilities,
        Schedule? weight = null
    ) => training.OpposeJointly(ofFeatures.AsPart(), ofProbabilities.AsPart(), weight);
}
