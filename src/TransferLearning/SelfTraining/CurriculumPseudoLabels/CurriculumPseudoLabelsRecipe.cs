using TransferLearning.Objectives;
using TransferLearning.SelfTraining;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// CBST (Zou et al. 2018): cross-entropy, and labels for the target rows that are read most surely, a growing share
    /// of each class.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="portion">The share that is labeled over progress. Default a line from 0.2 to 0.5.</param>
    /// <param name="weight">The weight of the term over progress. Default 1.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder Cbst(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? portion = null,
        Schedule? weight = null,
        IObjective? loss = null
    ) => ByCurriculum(extractor, predictor, portion ?? Schedule.Linear(0.2, 0.5), true, weight, loss);

    /// <inheritdoc cref="Cbst(IFeatureExtractor, ILabelPredictor, Schedule?, Schedule?, IObjective?)"/>
    public static AdaptationBuilder Cbst(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? portion = null,
        Schedule? weight = null,
        IObjective? loss = null
    ) => Cbst(extractor.AsPart(), predictor.AsPart(), portion, weight, loss);

    /// <summary>
    /// Curriculum labeling (Cascante-Bonilla et al. 2021): cross-entropy, and labels for the target rows that are read
    /// most surely, a growing share of all.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="portion">The share that is labeled over progress. Default a line from 0.2 to 1.</param>
    /// <param name="weight">The weight of the term over progress. Default 1.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder CurriculumLabeling(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? portion = null,
        Schedule? weight = null,
        IObjective? loss = null
    ) => ByCurriculum(extractor, predictor, portion ?? Schedule.Linear(0.2, 1), false, weight, loss);

    /// <inheritdoc cref="CurriculumLabeling(IFeatureExtractor, ILabelPredictor, Schedule?, Schedule?, IObjective?)"/>
    public static AdaptationBuilder CurriculumLabeling(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? portion = null,
        Schedule? weight = null,
        IObjective? loss = null
    ) => CurriculumLabeling(extractor.AsPart(), predictor.AsPart(), portion, weight, loss);

    private static AdaptationBuilder ByCurriculum(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule portion,
        bool isClassBalanced,
        Schedule? weight,
        IObjective? loss
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(loss ?? new CrossEntropy())
                    .Minimize(new CurriculumPseudoLabels { Share = portion, IsClassBalanced = isClassBalanced }, weight)
        );
}
