using TransferLearning.Consistency;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Self-ensembling (French et al. 2018): cross-entropy, a mean teacher whose sure readings alone count, and
    /// balanced classes.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="teacher">The mean teacher, with its views; the paper's threshold is 0.968.</param>
    /// <param name="consistency">The weight of the teacher's term over progress. Default 3, the authors'.</param>
    /// <param name="balance">
    /// The weight of the class balance over progress. Default 0.015, the authors': 0.005 times the teacher's 3.
    /// </param>
    public static AdaptationBuilder SelfEnsembling(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        MeanTeacher teacher,
        Schedule? consistency = null,
        Schedule? balance = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(new CrossEntropy())
                    .Minimize(teacher, consistency ?? 3)
                    .Minimize(new ClassBalance { Teacher = teacher }, balance ?? 0.015)
        );

    /// <inheritdoc cref="SelfEnsembling(IFeatureExtractor, ILabelPredictor, MeanTeacher, Schedule?, Schedule?)"/>
    public static AdaptationBuilder SelfEnsembling(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        MeanTeacher teacher,
        Schedule? consistency = null,
        Schedule? balance = null
    ) => SelfEnsembling(extractor.AsPart(), predictor.AsPart(), teacher, consistency, balance);
}
