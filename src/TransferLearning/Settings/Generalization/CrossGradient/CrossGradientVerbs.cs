using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>Verbs for cross-gradient training.</summary>
public static class CrossGradientVerbs
{
    /// <summary>
    /// Learns the labels of rows that are moved toward other domains, and beside them a domain network: CrossGrad.
    /// </summary>
    /// <param name="training">The training; it needs no loss of the labeled rows of its own.</param>
    /// <param name="domains">The domain network, inputs to one logit a source; a phase of its own moves it.</param>
    /// <param name="epsilon">The factor of the slopes that rows are moved along. Default 10, the authors'.</param>
    /// <param name="movedShare">The share of the moved rows in both losses. Default 0.5, the authors'.</param>
    public static NetworkTraining MoveAcrossDomains(
        this NetworkTraining training,
        ILabelPredictor domains,
        double epsilon = 10,
        double movedShare = 0.5
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(domains);
        var labels = new CrossGradient(domains) { Epsilon = epsilon, MovedShare = movedShare };
        return training.Minimize(labels).Phase(phase => phase.Move(domains).Minimize(new CrossGradientCritic(labels)));
    }

    /// <inheritdoc cref="MoveAcrossDomains(NetworkTraining, ILabelPredictor, double, double)"/>
    public static NetworkTraining MoveAcrossDomains(
        this NetworkTraining training,
        nn.Module<Tensor, Tensor> domains,
        double epsilon = 10,
        double movedShare = 0.5
    )
    {
        ArgumentNullException.ThrowIfNull(domains);
        return training.MoveAcrossDomains(domains.AsPart(), epsilon, movedShare);
    }
}
