namespace TransferLearning;

/// <summary>Ranks fitted models without target labels: a validator.</summary>
public interface IModelScore : IPlanned
{
    /// <summary>The score's name in reports.</summary>
    string Name => GetType().Name;

    /// <summary>
    /// Whether the score looks at target rows, so that it cannot judge a fit without them. Default true.
    /// </summary>
    bool NeedsTarget => true;

    /// <summary>Scores a model; higher is better.</summary>
    /// <param name="extractor">The extractor, in evaluation mode.</param>
    /// <param name="predictor">The predictor, in evaluation mode.</param>
    /// <param name="domains">The domains that the model was fitted on.</param>
    double Score(IFeatureExtractor extractor, ILabelPredictor predictor, DomainSet domains);
}
