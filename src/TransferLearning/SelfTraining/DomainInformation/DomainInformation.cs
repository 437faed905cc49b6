using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.SelfTraining;

/// <summary>
/// ITL's domain information: how much a row's neighbors tell about its domain; 0 where both domains lie mixed.
/// </summary>
/// <remarks>
/// With <c>P</c> the softmax, over all other rows of both batches, of the cosine similarities of a row, and <c>q_i</c>
/// its mass on the two domains: <c>H(1/n sum_i q_i) - 1/n sum_i H(q_i)</c>, the mutual information of neighbors and
/// domains in nats (Shi and Sha 2012, "Information-Theoretical Learning of Discriminative Clusters for Unsupervised
/// Domain Adaptation", equation 6, with cosines as pytorch-adapt takes them where the paper learns a metric).
/// Differentiable in both samples; costs <c>(n + m)^2 d</c>. Rows have no weights in it: a training with example
/// weights is refused.
/// </remarks>
public sealed record DomainInformation : IDiscrepancy
{
    /// <inheritdoc />
    public Tensor Between(Tensor source, Tensor target)
    {
        Guard.Pair(source, target);
        using var scope = NewDisposeScope();
        var rows = cat([source, target]);
        var unit = rows / rows.norm(1, keepdim: true).clamp_min(1e-8);
        var itself = eye(rows.shape[0], dtype: @bool, device: rows.device);
        var near = unit.matmul(unit.t()).masked_fill(itself, double.NegativeInfinity).softmax(1);
        var mass = stack(
            [near.narrow(1, 0, source.shape[0]).sum(1), near.narrow(1, source.shape[0], target.shape[0]).sum(1)],
            1
        );
        return (Entropy(mass.mean([0L])) - Entropy(mass).mean()).MoveToOuterDisposeScope();
    }

    // 0 log 0 is 0, with a finite slope.
    private static Tensor Entropy(Tensor shares) => (shares * shares.clamp_min(1e-12).log()).sum(-1).neg();
}
