using TransferLearning.Adversarial;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// A spectrally normalized critic (Miyato et al. 2018) for any method that takes one: linear layers of largest
    /// singular value 1, leaky ReLUs between them. Goes well with <see cref="CriticLoss.Hinge"/>.
    /// </summary>
    /// <param name="widths">The features' width, then that of each hidden layer.</param>
    /// <param name="powerIterations">Steps of the power iteration a pass. Default 1, the paper's.</param>
    public static ModulePart SpectralCritic(IReadOnlyList<long> widths, int powerIterations = 1) =>
        SpectralNormalization.Critic(widths, powerIterations);
}
