using TransferLearning.Training;

namespace TransferLearning.Adversarial;

/// <summary>Verbs for stochastic classifiers.</summary>
public static class StochasticClassifiersVerbs
{
    /// <summary>
    /// Opposes the extractor with draws of its own stochastic predictor that disagree on the target where they can:
    /// STAR.
    /// </summary>
    /// <remarks>
    /// A step has three phases: extractor and predictor learn the labels; the predictor alone keeps to the labels and
    /// makes the gap of its draws on the target large; the extractor alone makes the gap small, several times. The main
    /// phase is the first: the training needs no cross-entropy of its own.
    /// </remarks>
    /// <param name="training">
    /// The training, whose predictor is a <see cref="StochasticClassifier"/> or ends in one.
    /// </param>
    /// <param name="weight">The weight of the gap over progress in both phases. Default 1.</param>
    /// <param name="draws">How many classifiers are drawn, at least 2. Default 2, the authors'.</param>
    /// <param name="extractorSteps">
    /// Steps of the extractor for each step of the predictor. Default 5, as the authors' program counts its 4.
    /// </param>
    public static NetworkTraining OpposeDraws(
        this NetworkTraining training,
        Schedule? weight = null,
        int draws = 2,
        int extractorSteps = 5
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        var labels = new StochasticCrossEntropy { Draws = draws };
        var gap = new StochasticDiscrepancy { Draws = draws };
        return training
            .Minimize(labels)
            .Phase(phase => phase.Move(training.Predictor).Minimize(labels).Maximize(gap, weight))
            .Phase(phase => phase.Move(training.Extractor).Minimize(gap, weight).Repeat(extractorSteps));
    }
}
