namespace TransferLearning;

/// <summary>The description of a shallow learner; fitting it to labeled rows gives a predictor.</summary>
/// <remarks>
/// A learner honors the domain's weights, relative to their mean, or refuses them with an error; it never ignores them.
/// It is immutable and may be fitted any number of times.
/// </remarks>
public interface ILabelLearner : IPart, IPlanned
{
    /// <summary>Fits a predictor to labeled rows.</summary>
    /// <param name="data">Rows <c>[n, d]</c> with their labels and optional weights.</param>
    /// <returns>A predictor that owns its tensors; dispose it if it is <see cref="IDisposable"/>.</returns>
    ILabelPredictor Fit(LabeledDomain data);
}
