using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>A step's scores by the predictor, as constants, and by an adversary behind reversed gradients.</summary>
internal readonly record struct OpposedScores(
    Tensor Source,
    Tensor SourceAdversary,
    Tensor Target,
    Tensor TargetAdversary
)
{
    public static OpposedScores Of(StepContext step, ILabelPredictor adversary, double reversal)
    {
        var features = cat([step.SourceFeatures(), step.Features(step.Target)]);
        var scores = step.Scores(adversary, GradientReversal.Apply(features, reversal));
        var sources = step.Sources.Sum(batch => batch.Inputs.shape[0]);
        return new OpposedScores(
            cat([.. step.Sources.Select(source => step.Scores(source))]).detach(),
            scores.narrow(0, 0, sources),
            step.Scores(step.Target).detach(),
            scores.narrow(0, sources, scores.shape[0] - sources)
        );
    }
}
