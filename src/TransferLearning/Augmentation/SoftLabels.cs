using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>Labels that can be mixed.</summary>
internal static class SoftLabels
{
    /// <summary>Class numbers as one-hot rows of the inputs' dtype; probabilities and values as they are.</summary>
    public static Tensor Of(LabeledBatch batch) =>
        batch.Labels.is_floating_point()
            ? batch.Labels
            : nn.functional.one_hot(batch.Labels, batch.Space.Width).to(batch.Inputs.dtype);
}
