using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// CrossGrad's other half: what the domain network minimizes, on rows as they are and moved toward other labels.
/// </summary>
/// <remarks>
/// <c>(1 - a) D(x) + a D(x + e clamp(d R / d x, -c, c))</c> with the terms and settings of a
/// <see cref="CrossGradient"/> (Shankar et al. 2018, algorithm 1). The rows' changes are those of the step's begin,
/// where the two terms stand in phases of one training. A phase that minimizes it moves the domain network alone.
/// </remarks>
/// <param name="labels">The term of the labels, whose domain network this is of.</param>
public sealed class CrossGradientCritic(CrossGradient labels) : IObjective
{
    private readonly CrossGradient labels = labels ?? throw new ArgumentNullException(nameof(labels));

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [labels.Domains];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var moved = labels.Moves(step).TowardLabels;
        var plain = labels.DomainLoss(step, [.. step.Sources.Select(batch => batch.Inputs)]);
        var ofMoved = labels.DomainLoss(step, [.. step.Sources.Select((batch, k) => batch.Inputs + moved[k])]);
        return (plain * (1 - labels.MovedShare)) + (ofMoved * labels.MovedShare);
    }
}
