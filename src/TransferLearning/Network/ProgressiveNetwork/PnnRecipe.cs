using TransferLearning.Network;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>PNN (Rusu et al. 2016): a new column of layers beside frozen ones learns from labeled rows.</summary>
    /// <param name="column">The new column; it knows the earlier ones.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder Pnn(ProgressiveColumn column, ILabelPredictor predictor, IObjective? loss = null) =>
        new AdaptationBuilder().Train(column.AsPart(), predictor, net => net.Minimize(loss ?? new CrossEntropy()));

    /// <inheritdoc cref="Pnn(ProgressiveColumn, ILabelPredictor, IObjective?)"/>
    public static AdaptationBuilder Pnn(
        ProgressiveColumn column,
        nn.Module<Tensor, Tensor> predictor,
        IObjective? loss = null
    ) => Pnn(column, predictor.AsPart(), loss);
}
