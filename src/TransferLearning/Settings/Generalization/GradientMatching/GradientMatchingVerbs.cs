using TransferLearning.Training;

namespace TransferLearning.Settings;

/// <summary>Verbs for training along one source after the other.</summary>
public static class GradientMatchingVerbs
{
    /// <summary>Steps along one source after the other and goes a part of the way: Fish.</summary>
    /// <param name="training">The training; it needs no loss of the labeled rows of its own.</param>
    /// <param name="sources">The number of sources, at least 2: how often the main phase runs in a step.</param>
    /// <param name="rate">The share of the way that is gone. Default 0.5, DomainBed's.</param>
    public static NetworkTraining MatchGradients(this NetworkTraining training, int sources, double rate = 0.5)
    {
        ArgumentNullException.ThrowIfNull(training);
        var matching = new GradientMatching(sources) { Rate = rate };
        training.Main.Repeat(sources);
        return training.Minimize(matching);
    }
}
