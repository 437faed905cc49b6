using Microsoft.Extensions.Logging;
using TransferLearning.Internal;

namespace TransferLearning;

/// <summary>Fits of learners outside of chains, with what a chain would give them.</summary>
public static class LabelLearnerFits
{
    /// <summary>Fits a predictor to labeled rows; it can be stopped, and says where a solver has not settled.</summary>
    /// <param name="learner">The learner. What it draws follows from its own options.</param>
    /// <param name="data">Rows <c>[n, d]</c> with their labels and optional weights.</param>
    /// <param name="context">Whose cancellation stops the fit, and whose log hears its warnings.</param>
    /// <returns>A predictor that owns its tensors; dispose it if it is <see cref="IDisposable"/>.</returns>
    /// <exception cref="OperationCanceledException">The fit was canceled.</exception>
    public static ILabelPredictor Fit(this ILabelLearner learner, LabeledDomain data, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(learner);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(context);
        using var canceling = Canceling.By(context.Cancellation);
        using var warnings = RunWarnings.To(message => context.Logger.LogWarning("{Message}", message));
        return learner.Fit(data);
    }
}
