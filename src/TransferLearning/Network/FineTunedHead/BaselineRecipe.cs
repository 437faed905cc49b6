using TransferLearning.Network;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Baseline (Chen et al. 2019): a linear head is fitted on the labeled rows of each episode. A rule for
    /// <c>EpisodeAccuracy</c>.
    /// </summary>
    public static FineTunedHead Baseline() => new();

    /// <summary>
    /// Baseline++ (Chen et al. 2019): a head of cosines is fitted on the labeled rows of each episode. A rule for
    /// <c>EpisodeAccuracy</c>.
    /// </summary>
    public static FineTunedHead BaselinePlusPlus() => new() { IsCosine = true };
}
