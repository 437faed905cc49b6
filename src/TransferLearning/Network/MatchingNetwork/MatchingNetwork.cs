using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>Matching networks: the labeled rows vote, each by how much a row attends to it.</summary>
/// <remarks>
/// <c>score(x, k) = log sum_{i of class k} softmax_i(cos(x, x_i) / Temperature)</c> over all labeled rows (Vinyals et
/// al. 2016, "Matching Networks for One Shot Learning", equation 1, without their full context embeddings);
/// cross-entropy in training.
/// </remarks>
public sealed record MatchingNetwork : IFewShotRule
{
    /// <summary>
    /// What cosines are divided by, positive. Default 1, the authors'; a small one lets the nearest row decide.
    /// </summary>
    [OptionRange(Above = 0)]
    public double Temperature { get; init; } = 1;

    /// <inheritdoc />
    public Tensor Score(Tensor support, Tensor labels, Tensor queries, int ways)
    {
        Guard.Pair(support, queries);
        Guard.Alive(labels);
        Guard.Options(this);
        ArgumentOutOfRangeException.ThrowIfLessThan(ways, 1);
        if (labels.dim() != 1 || labels.shape[0] != support.shape[0])
        {
            throw new ArgumentException(
                $"labels must be classes [{support.shape[0]}]; got {Shape.Of(labels)}.",
                nameof(labels)
            );
        }
        using var scope = NewDisposeScope();
        var cosines = Unit(queries).matmul(Unit(support).t()) / Temperature;
        var isClass = nn.functional.one_hot(labels, ways).to(ScalarType.Bool).t(); // [ways, m]
        var logs = cosines.log_softmax(1).unsqueeze(1); // [n, 1, m]
        var masked = logs.expand(-1, ways, -1).masked_fill(isClass.logical_not(), double.NegativeInfinity);
        return masked.logsumexp(2).MoveToOuterDisposeScope();
    }

    private static Tensor Unit(Tensor rows) => rows / rows.norm(1, keepdim: true).clamp_min(1e-12);
}
