using TransferLearning.Consistency;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Noisy student (Xie et al. 2020): a teacher learns the labels, and a student the labels and what the teacher
    /// reads in the target, under noise.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="teacherExtractor">The teacher's extractor.</param>
    /// <param name="teacherPredictor">The teacher's predictor.</param>
    /// <param name="view">How the student looks at target rows, or null for the rows themselves.</param>
    /// <param name="weight">The weight of the pseudo-labels over progress. Default 1.</param>
    /// <param name="threshold">The teacher's least confidence. Default 0.3.</param>
    public static AdaptationBuilder NoisyStudent(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IFeatureExtractor teacherExtractor,
        ILabelPredictor teacherPredictor,
        IAugmentation? view = null,
        Schedule? weight = null,
        double threshold = 0.3
    ) =>
        new AdaptationBuilder()
            .Train(teacherExtractor, teacherPredictor, net => net.Minimize(new CrossEntropy()))
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .Minimize(
                            new NoisyStudent(teacherExtractor, teacherPredictor, view) { Threshold = threshold },
                            weight
                        )
            );

    /// <inheritdoc cref="NoisyStudent(IFeatureExtractor, ILabelPredictor, IFeatureExtractor, ILabelPredictor, IAugmentation?, Schedule?, double)"/>
    public static AdaptationBuilder NoisyStudent(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> teacherExtractor,
        nn.Module<Tensor, Tensor> teacherPredictor,
        IAugmentation? view = null,
        Schedule? weight = null,
        double threshold = 0.3
    ) =>
        NoisyStudent(
            extractor.AsPart(),
            predictor.AsPart(),
            teacherExtractor.AsPart(),
            teacherPredictor.AsPart(),
            view,
            weight,
            threshold
        );
}
