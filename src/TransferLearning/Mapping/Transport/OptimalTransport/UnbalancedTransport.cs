using System.Globalization;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Unbalanced entropic transport: marginals may be missed, at a price, so that outliers and other class shares need not
/// be matched.
/// </summary>
/// <remarks>
/// <c>min sum G C + reg sum G (log G - 1) + rho KL(G 1 | a) + rho KL(G' 1 | b)</c> by scaling in the log domain: <c>f =
/// -rho reg/(rho + reg) log sum_j exp((g_j - C_ij)/reg) + rho reg/(rho + reg) log a</c>, and g likewise (Chizat, Peyré,
/// Schmitzer and Vialard 2018, "Scaling Algorithms for Unbalanced Optimal Transport Problems"; Frogner et al. 2015).
/// Costs n m exponentials a round.
/// </remarks>
/// <param name="Regularization">The factor reg of the entropy, positive. Default 1.</param>
/// <param name="MarginalPenalty">
/// The price rho of missing the marginals, positive; large values keep them. Default 1.
/// </param>
public sealed record UnbalancedTransport(
    [property: OptionRange(Above = 0)] double Regularization = 1,
    [property: OptionRange(Above = 0)] double MarginalPenalty = 1
) : ITransportSolver
{
    /// <summary>The largest change of a potential, relative to reg, at which it ends. Default 1e-9.</summary>
    [OptionRange(Above = 0)]
    public double Tolerance { get; init; } = 1e-9;

    /// <summary>The most rounds. Default 10,000.</summary>
    [OptionRange(AtLeast = 1)]
    public int MaxRounds { get; init; } = 10_000;

    /// <inheritdoc />
    /// <exception cref="InvalidOperationException">
    /// A potential still moved after <see cref="MaxRounds"/> rounds.
    /// </exception>
    public Tensor Plan(TransportProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        Guard.Options(this);
        problem.CheckMemory(nameof(UnbalancedTransport), 4);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (logA, logB) = (problem.SourceWeights.log(), problem.TargetWeights.log());
        var scores = problem.Cost / -Regularization;
        var damping = MarginalPenalty / (MarginalPenalty + Regularization);
        var (f, g) = (zeros_like(logA), zeros_like(logB));
        for (var round = 0; round < MaxRounds; round++)
        {
            problem.Cancellation.ThrowIfCancellationRequested();
            using var roundScope = NewDisposeScope();
            var next = (logA - (scores + g).logsumexp(1)) * damping;
            var moved = (next - f).nan_to_num(0).abs().max().item<double>();
            f.copy_(next);
            g.copy_((logB - (scores + f.unsqueeze(1)).logsumexp(0)) * damping);
            if (moved <= Tolerance)
            {
                // Out of the round's scope and out of the call's.
                return (scores + f.unsqueeze(1) + g).exp().MoveToOuterDisposeScope().MoveToOuterDisposeScope();
            }
        }
        throw new InvalidOperationException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The scaling did not settle within {MaxRounds} rounds at a tolerance of {Tolerance}: raise "
                    + $"MaxRounds, Tolerance or Regularization, or lower MarginalPenalty."
            )
        );
    }
}
