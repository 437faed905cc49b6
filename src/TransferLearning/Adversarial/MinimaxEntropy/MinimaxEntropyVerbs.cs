using TransferLearning.Training;

namespace TransferLearning.Adversarial;

/// <summary>Verbs for minimax entropy.</summary>
public static class MinimaxEntropyVerbs
{
    /// <summary>Opposes extractor and predictor over the target's entropy: MME.</summary>
    /// <remarks>
    /// After each step of the main phase both take a step on the target's rows alone, as in the authors' program.
    /// </remarks>
    /// <param name="training">The training; its predictor should be a <see cref="CosineClassifier"/>.</param>
    /// <param name="weight">The weight of the entropy over progress. Default 0.1, the authors'.</param>
    public static NetworkTraining OpposeOverEntropy(this NetworkTraining training, Schedule? weight = null)
    {
        ArgumentNullException.ThrowIfNull(training);
        return training.Phase(phase =>
            phase.Move(training.Extractor, training.Predictor).Minimize(new MinimaxEntropy(), weight ?? 0.1)
        );
    }
}
