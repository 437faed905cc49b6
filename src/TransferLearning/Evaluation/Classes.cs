using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Evaluation;

/// <summary>Class numbers from scores, and their checks.</summary>
internal static class Classes
{
    public static Tensor Of(Tensor predicted) => predicted.dim() == 2 ? predicted.argmax(1) : predicted;

    public static void Check(Tensor classes, Tensor labels)
    {
        if (labels.dim() != 1 || labels.shape[0] == 0 || classes.dim() != 1 || classes.shape[0] != labels.shape[0])
        {
            throw new ArgumentException(
                $"labels must be class numbers [n], one for each of {classes.shape[0]} predictions, at least one; "
                    + $"got {Shape.Of(labels)}.",
                nameof(labels)
            );
        }
    }
}
