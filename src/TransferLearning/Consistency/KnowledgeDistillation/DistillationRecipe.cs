using TransferLearning.Consistency;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Knowledge distillation (Hinton et al. 2015): a part that lets a small network follow a trained one's tempered
    /// predictions.
    /// </summary>
    /// <param name="teacherExtractor">The teacher's extractor; no phase moves it.</param>
    /// <param name="teacherPredictor">The teacher's predictor, likewise.</param>
    /// <param name="temperature">The temperature. Default 2.</param>
    public static KnowledgeDistillation Distillation(
        IFeatureExtractor teacherExtractor,
        ILabelPredictor teacherPredictor,
        double temperature = 2
    ) => new(teacherExtractor, teacherPredictor) { Temperature = temperature };

    /// <inheritdoc cref="Distillation(IFeatureExtractor, ILabelPredictor, double)"/>
    public static KnowledgeDistillation Distillation(
        nn.Module<Tensor, Tensor> teacherExtractor,
        nn.Module<Tensor, Tensor> teacherPredictor,
        double temperature = 2
    ) => Distillation(teacherExtractor.AsPart(), teacherPredictor.AsPart(), temperature);
}
