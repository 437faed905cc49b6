using TransferLearning.Network;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Prototypical networks (Snell et al. 2017): training by episodes in which the nearest class mean reads. An
    /// objective.
    /// </summary>
    /// <param name="data">Labeled rows of the training's classes.</param>
    /// <param name="ways">How many classes an episode has. Default 5.</param>
    /// <param name="shots">How many labeled rows of each. Default 5.</param>
    public static EpisodicTraining ProtoNet(LabeledDomain data, int ways = 5, int shots = 5) =>
        new(new PrototypicalNetwork(), data) { Ways = ways, Shots = shots };
}
