using TransferLearning.Network;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Matching networks (Vinyals et al. 2016): training by episodes in which the labeled rows vote by attention. An
    /// objective.
    /// </summary>
    /// <param name="data">Labeled rows of the training's classes.</param>
    /// <param name="ways">How many classes an episode has. Default 5.</param>
    /// <param name="shots">How many labeled rows of each. Default 5.</param>
    public static EpisodicTraining MatchingNet(LabeledDomain data, int ways = 5, int shots = 5) =>
        new(new MatchingNetwork(), data) { Ways = ways, Shots = shots };
}
