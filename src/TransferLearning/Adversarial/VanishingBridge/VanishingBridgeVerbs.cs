using TransferLearning.Training;

namespace TransferLearning.Adversarial;

/// <summary>Verbs for gradually vanishing bridges.</summary>
public static class VanishingBridgeVerbs
{
    /// <summary>
    /// Opposes the network with a critic of its class probabilities, both with bridges that vanish: GVB.
    /// </summary>
    /// <param name="training">The training, whose predictor is the classifier.</param>
    /// <param name="classifier">The classifier.</param>
    /// <param name="critic">The critic of class probabilities, of one output; it is moved by the main phase.</param>
    /// <param name="weight">
    /// The factor of the reversed gradient over progress. Default the ramp from 0 to 1,
    /// <see cref="Schedule.SigmoidRamp"/>.
    /// </param>
    public static NetworkTraining OpposeByBridges(
        this NetworkTraining training,
        Bridged classifier,
        Bridged critic,
        Schedule? weight = null
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        var adversary = new VanishingBridge(classifier, critic, weight);
        training.Main.Move(critic.AsPart());
        return training.Minimize(adversary);
    }
}
