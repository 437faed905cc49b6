using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>Verbs for maximum classifier discrepancy.</summary>
public static class ClassifierDiscrepancyVerbs
{
    /// <summary>Opposes the extractor with two classifiers that disagree on the target where they can: MCD.</summary>
    /// <remarks>
    /// A step has three phases: the main phase, in which the second classifier learns the labels too; both classifiers
    /// alone, which keep to the labels and make the gap on the target large; the extractor alone, which makes the gap
    /// small, several times.
    /// </remarks>
    /// <param name="training">The training; its main phase minimizes the predictor's cross-entropy.</param>
    /// <param name="second">The second classifier, of the predictor's kind but with other initial values.</param>
    /// <param name="gap">What measures the gap of the probabilities; null for their absolute difference.</param>
    /// <param name="weight">The weight of the gap over progress in both phases. Default 1.</param>
    /// <param name="extractorSteps">
    /// Steps of the extractor for each step of the classifiers. Default 4, the authors' for digits.
    /// </param>
    public static NetworkTraining OpposeClassifiers(
        this NetworkTraining training,
        ILabelPredictor second,
        IDiscrepancy? gap = null,
        Schedule? weight = null,
        int extractorSteps = 4
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        var discrepancy = new ClassifierDiscrepancy(second, gap);
        var labels = new ClassifierCrossEntropy(second);
        training.Main.Move(second).Minimize(labels);
        return training
            .Phase(phase =>
                phase
                    .Move(training.Predictor, second)
                    .Minimize(new CrossEntropy())
                    .Minimize(labels)
                    .Maximize(discrepancy, weight)
            )
            .Phase(phase => phase.Move(training.Extractor).Minimize(discrepancy, weight).Repeat(extractorSteps));
    }

    /// <inheritdoc cref="OpposeClassifiers(NetworkTraining, ILabelPredictor, IDiscrepancy?, Schedule?, int)"/>
    public static NetworkTraining OpposeClassifiers(
        this NetworkTraining training,
        nn.Module<Tensor, Tensor> second,
        IDiscrepancy? gap = null,
        Schedule? weight = null,
        int extractorSteps = 4
    ) => training.OpposeClassifiers(second.AsPart(), gap, weight, extractorSteps);
}
