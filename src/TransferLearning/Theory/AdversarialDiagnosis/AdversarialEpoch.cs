namespace TransferLearning.Theory;

/// <summary>
/// What an adversarial training looked like at the end of an epoch, on rows that stay the same, with every module in
/// evaluation mode.
/// </summary>
/// <param name="Stage">The stage, from 0.</param>
/// <param name="Epoch">Epochs done.</param>
/// <param name="Progress">The share of the training that is done.</param>
/// <param name="CriticOnSource">The share of source rows that the critic takes for the source's.</param>
/// <param name="CriticOnTarget">The share of target rows that the critic takes for the target's.</param>
/// <param name="CriticLoss">
/// The critic's loss, the source's mean plus the target's. Cross-entropy is in nats, <c>2 log 2</c> where it guesses;
/// least squares are 0.5 there, hinges 2.
/// </param>
/// <param name="TaskGradient">The norm of the gradient of the source labels' loss by the source rows' features.</param>
/// <param name="CriticGradient">The norm of the gradient of the critic's loss by the same features.</param>
/// <param name="Weight">The factor of the adversarial gradient at the epoch's end.</param>
/// <param name="LabelsLearned">
/// 1 less the labels' loss as a share of the loss of guessing by the classes' shares (of values: by the mean): 1 where
/// all is learned, 0 and below where nothing is; NaN where all source rows have the same label.
/// </param>
/// <param name="PredictedClasses">How many classes target rows are read as; 0 where labels are values.</param>
/// <param name="SourceClasses">How many classes the source rows have; 0 where labels are values.</param>
/// <param name="TargetEvenness">
/// The entropy of the mean prediction of target rows as a share of the entropy of the source's classes; NaN where
/// labels are values, or the source has one class.
/// </param>
/// <param name="Separability">
/// The proxy A-distance of the features, from 0 where the domains cannot be told apart to 2; NaN with fewer than 4 rows
/// of a domain.
/// </param>
/// <param name="Objectives">Each objective's mean over the epoch's steps that were read, before weighting.</param>
public sealed record AdversarialEpoch(
    int Stage,
    long Epoch,
    double Progress,
    double CriticOnSource,
    double CriticOnTarget,
    double CriticLoss,
    double TaskGradient,
    double CriticGradient,
    double Weight,
    double LabelsLearned,
    long PredictedClasses,
    long SourceClasses,
    double TargetEvenness,
    double Separability,
    IReadOnlyDictionary<string, double> Objectives
)
{
    /// <summary>The critic's balanced accuracy: 1/2 where it guesses, whatever the domains' sizes.</summary>
    public double CriticAccuracy => (CriticOnSource + CriticOnTarget) / 2;

    /// <summary>
    /// The norm of the gradient that the extractor receives from the critic: <see cref="CriticGradient"/> times the
    /// weight.
    /// </summary>
    public double AdversarialGradient => CriticGradient * Math.Abs(Weight);

    /// <summary>How many times the task's gradient the adversarial one is; infinity where the task has none.</summary>
    public double GradientRatio => AdversarialGradient / TaskGradient;
}
