using TransferLearning.Network;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Fine-tuning: a pre-trained extractor and a new head go on learning from labeled rows, by a plan of what moves.
    /// </summary>
    /// <param name="extractor">The pre-trained extractor.</param>
    /// <param name="predictor">The new head.</param>
    /// <param name="plan">Which of the extractor's parameters move; null moves all alike.</param>
    /// <param name="penalty">A pull toward the starting point, or null for none.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder FineTune(
        ModulePart extractor,
        ILabelPredictor predictor,
        FreezingPlan? plan = null,
        StartingPointPenalty? penalty = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
            {
                net.Minimize(loss ?? new CrossEntropy()).Optimize(extractor, plan: plan ?? FreezingPlan.None);
                if (penalty is not null)
                {
                    net.Minimize(penalty);
                }
            }
        );

    /// <inheritdoc cref="FineTune(ModulePart, ILabelPredictor, FreezingPlan?, StartingPointPenalty?, IObjective?)"/>
    public static AdaptationBuilder FineTune(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        FreezingPlan? plan = null,
        StartingPointPenalty? penalty = null,
        IObjective? loss = null
    ) => FineTune(extractor.AsPart(), predictor.AsPart(), plan, penalty, loss);
}
