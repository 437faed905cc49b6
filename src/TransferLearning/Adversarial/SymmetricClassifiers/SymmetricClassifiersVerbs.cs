using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>Verbs for domain-symmetric networks.</summary>
public static class SymmetricClassifiersVerbs
{
    /// <summary>
    /// Opposes the extractor with a source and a target classifier that are the critic together: SymNets.
    /// </summary>
    /// <remarks>
    /// A step has two phases: both classifiers learn the labels, and to tell the domains apart; the extractor alone
    /// learns to confuse them, class by class on the source and as a whole on the target. The authors' program takes
    /// both gradients at the same parameters. The main phase is left out, the labels reach the extractor by the
    /// confusion.
    /// </remarks>
    /// <param name="training">
    /// The training, whose predictor is the target classifier and which has no term of its own.
    /// </param>
    /// <param name="ofSource">The source classifier, of the predictor's kind but with other initial values.</param>
    /// <param name="weight">
    /// The weight of the target's confusion over progress. Default the ramp from 0 to 1,
    /// <see cref="Schedule.SigmoidRamp"/>.
    /// </param>
    public static NetworkTraining OpposeSymmetrically(
        this NetworkTraining training,
        ILabelPredictor ofSource,
        Schedule? weight = null
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        var discrimination = new SymmetricDiscrimination(ofSource);
        return training
            .Phase(phase =>
                phase
                    .Move(training.Predictor, ofSource)
                    .Minimize(new CrossEntropy())
                    .Minimize(new ClassifierCrossEntropy(ofSource))
                    .Minimize(discrimination)
            )
            .Phase(phase =>
                phase
                    .Move(training.Extractor)
                    .Minimize(new CategoryConfusion(ofSource))
                    .Minimize(new SymmetricConfusion(ofSource), weight ?? Schedule.SigmoidRamp())
            );
    }

    /// <inheritdoc cref="OpposeSymmetrically(NetworkTraining, ILabelPredictor, Schedule?)"/>
    public static NetworkTraining OpposeSymmetrically(
        this NetworkTraining training,
        nn.Module<Tensor, Tensor> ofSource,
        Schedule? weight = null
    ) => training.OpposeSymmetrically(ofSource.AsPart(), weight);
}
