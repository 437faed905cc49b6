using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// The critic's gap <c>mean D(f_s) - mean D(f_t)</c>: an estimate of the Wasserstein-1 distance of the features when D
/// has slope at most 1.
/// </summary>
/// <remarks>The source's mean is weighted by example weights, relative to their sum over the batch.</remarks>
/// <param name="critic">The critic.</param>
public sealed class WassersteinGap(IDomainCritic critic) : IObjective, IJudged
{
    private readonly IDomainCritic critic = critic ?? throw new ArgumentNullException(nameof(critic));

    IReadOnlyList<IPart> IJudged.Critics => [critic];

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [critic];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var source = step.Judgment(critic, step.SourceFeatures());
        var mean = step.SourceWeights() is { } weights
            ? RowShares.Of(source, weights).to(source.dtype).dot(source)
            : source.mean();
        return mean - step.Judgment(critic, step.Features(step.Target)).mean();
    }
}
