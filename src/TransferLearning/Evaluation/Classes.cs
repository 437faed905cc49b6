using System.Runtime.CompilerServices;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Evaluation;

/// <summary>Class numbers from scores, and their checks.</summary>
internal static class Classes
{
    /// <summary>The largest score's class in each row of <c>[n, C]</c>; class numbers <c>[n]</c> as they are.</summary>
    public static Tensor Of(Tensor predicted, [CallerArgumentExpression(nameof(predicted))] string name = "")
    {
        Guard.Numbers(predicted, name);
        return predicted.dim() == 2 ? predicted.argmax(1)
            : predicted.dim() == 1 && !predicted.is_floating_point() ? predicted
            : throw new ArgumentException(
                $"{name} must be scores [n, C] or class numbers, whole, [n]; got {Shape.Of(predicted)}.",
                name
            );
    }

    public static void Check(Tensor classes, Tensor labels)
    {
        if (labels.dim() != 1 || labels.shape[0] == 0 || classes.shape[0] != labels.shape[0])
        {
            throw new ArgumentException(
                $"labels must be class numbers [n], one for each of {classes.shape[0]} predictions, at least one; "
                    + $"got {Shape.Of(labels)}.",
                nameof(labels)
            );
        }
    }
}
