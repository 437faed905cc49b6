namespace TransferLearning.Training;

/// <summary>What hooks and observers see of a training: the parts, the domains and the place in time.</summary>
/// <param name="Domains">The domains being trained on.</param>
/// <param name="Extractor">The extractor on top of the domains' rows.</param>
/// <param name="Predictor">The predictor.</param>
/// <param name="Step">Steps taken so far.</param>
/// <param name="Epoch">Whole epochs done so far.</param>
/// <param name="Progress">The share of the training that is done, from 0 to 1.</param>
/// <param name="Key">Randomness for hooks at this point.</param>
public sealed record TrainingView(
    DomainSet Domains,
    IFeatureExtractor Extractor,
    ILabelPredictor Predictor,
    long Step,
    long Epoch,
    double Progress,
    RandomKey Key
);
