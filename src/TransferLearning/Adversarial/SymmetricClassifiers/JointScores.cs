using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// The scores of a source classifier and of the target classifier, the training's predictor, side by side: one
/// classifier of 2 C outputs.
/// </summary>
internal static class JointScores
{
    public static Tensor Of(StepContext step, ILabelPredictor ofSource, IBatch batch) =>
        cat([step.Scores(ofSource, step.Features(batch)), step.Scores(batch)], 1);

    /// <summary>
    /// The log-probabilities of the source classifier's half <c>[n, C]</c> and of the target classifier's.
    /// </summary>
    public static (Tensor Source, Tensor Target) Halves(Tensor joint)
    {
        Check(joint);
        var halves = joint.log_softmax(1).chunk(2, 1);
        return (halves[0], halves[1]);
    }

    public static void Check(
        Tensor joint,
        [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(joint))] string name = ""
    )
    {
        Guard.Rows(joint, name: name);
        if (joint.shape[1] % 2 != 0)
        {
            throw new ArgumentException(
                $"{name} must hold the scores of both classifiers side by side, [n, 2 C]; got {Shape.Of(joint)}.",
                name
            );
        }
    }
}
