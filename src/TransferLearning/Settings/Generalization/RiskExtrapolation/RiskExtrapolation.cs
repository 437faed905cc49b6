using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// V-REx: the variance of the labeled domains' risks, which a predictor that suits all of them keeps small.
/// </summary>
/// <remarks>
/// <c>1/K sum_k (R_k - mean R)^2</c> with the risks of <see cref="SourceRisk"/> (Krueger et al. 2021,
/// "Out-of-Distribution Generalization via Risk Extrapolation", equation 8, with the mean of the risks in the place of
/// their sum, as in DomainBed). It goes beside a loss of the labeled rows; for values the term is in the fourth power
/// of their unit.
/// </remarks>
public sealed record RiskExtrapolation : IObjective
{
    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) => plan.SeveralSources();

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return Of(SourceRisk.All(step));
    }

    /// <summary>The variance of some risks, divided by their number.</summary>
    /// <param name="risks">Risks <c>[K]</c>.</param>
    /// <returns>A scalar, differentiable in the risks; the caller disposes it.</returns>
    public static Tensor Of(Tensor risks)
    {
        Guard.Alive(risks);
        if (risks.dim() != 1 || risks.shape[0] == 0)
        {
            throw new ArgumentException($"risks must be one a domain, [K]; got {Shape.Of(risks)}.", nameof(risks));
        }
        using var scope = NewDisposeScope();
        return (risks - risks.mean()).square().mean().MoveToOuterDisposeScope();
    }
}
