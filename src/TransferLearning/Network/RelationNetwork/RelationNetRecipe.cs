using TransferLearning.Network;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Relation networks (Sung et al. 2018): training by episodes in which a second network compares. An objective; the
    /// relation network must move with the extractor.
    /// </summary>
    /// <param name="relation">The relation network, pairs of features to one number.</param>
    /// <param name="data">Labeled rows of the training's classes.</param>
    /// <param name="ways">How many classes an episode has. Default 5.</param>
    /// <param name="shots">How many labeled rows of each. Default 5.</param>
    public static EpisodicTraining RelationNet(
        ILabelPredictor relation,
        LabeledDomain data,
        int ways = 5,
        int shots = 5
    ) => new(new RelationNetwork(relation), data) { Ways = ways, Shots = shots };

    /// <inheritdoc cref="RelationNet(ILabelPredictor, LabeledDomain, int, int)"/>
    public static EpisodicTraining RelationNet(
        nn.Module<Tensor, Tensor> relation,
        LabeledDomain data,
        int ways = 5,
        int shots = 5
    ) => RelationNet(relation.AsPart(), data, ways, shots);
}
