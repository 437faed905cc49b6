using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// The term of deep hashing networks (DHN): codes that learn from labeled rows alone, by the likelihood of pairs and by
/// a smooth distance from signs.
/// </summary>
/// <remarks>
/// <para>
/// <c>mean_{i != j} w_ij (log(1 + e^z_ij) - s_ij z_ij) + QuantizationWeight mean log cosh(|u| - 1)</c>, u the codes,
/// <c>z_ij = Scale u_i . u_j</c>, s 1 for pairs of one class and else 0, the second mean over rows and bits (Zhu, Long,
/// Wang and Cao 2016, "Deep Hashing Network for Efficient Similarity Retrieval"). The weights w are 1; with
/// <see cref="BalancesPairs"/>, as in the authors' later program, <c>all pairs / pairs of one class</c> for pairs of
/// one class.
/// </para>
/// <para>
/// All labeled batches of a step are taken together. Rows with example weights are refused; labels are class numbers.
/// Computed in float64; costs <c>n^2 bits</c>.
/// </para>
/// </remarks>
public sealed record PairwiseHashing : IObjective
{
    /// <summary>What inner products are multiplied by, positive. Default 0.5.</summary>
    [OptionRange(Above = 0)]
    public double Scale { get; init; } = 0.5;

    /// <summary>The weight of the distance from signs, not negative. Default 0.1.</summary>
    [OptionRange(AtLeast = 0)]
    public double QuantizationWeight { get; init; } = 0.1;

    /// <summary>Whether pairs of one class weigh the more the fewer they are. Default false.</summary>
    public bool BalancesPairs { get; init; }

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var batches = step.Labeled.ToList();
        HashTerms.Check(batches, nameof(step));
        return Of(cat([.. batches.Select(step.Features)]), cat([.. batches.Select(batch => batch.Labels)]));
    }

    /// <summary>The term of some labeled codes.</summary>
    /// <param name="codes">Codes <c>[n, bits]</c>.</param>
    /// <param name="labels">Their class numbers, int64 <c>[n]</c>.</param>
    /// <returns>A scalar, differentiable in the codes; the caller disposes it.</returns>
    public Tensor Of(Tensor codes, Tensor labels)
    {
        Guard.Rows(codes);
        Guard.Alive(labels);
        Guard.Options(this);
        HashTerms.Check(labels, codes, nameof(labels));
        using var scope = NewDisposeScope();
        var (losses, isSame) = HashTerms.OfPairs(codes, labels, Scale);
        var n = codes.shape[0];
        var pairs = Math.Max(1, n * (n - 1));
        if (BalancesPairs)
        {
            var similar = (isSame.sum() - n).clamp_min(1);
            losses = losses * (1 + (isSame * ((pairs / similar) - 1)));
        }
        return ((losses.sum() / pairs) + (QuantizationWeight * OfSigns(codes)))
            .to(codes.dtype)
            .MoveToOuterDisposeScope();
    }

    /// <summary>How far codes are from their signs: <c>mean log cosh(|u| - 1)</c> over rows and bits.</summary>
    /// <param name="codes">Codes <c>[n, bits]</c>.</param>
    /// <returns>A scalar, differentiable in the codes; the caller disposes it.</returns>
    public static Tensor OfSigns(Tensor codes)
    {
        Guard.Rows(codes);
        using var scope = NewDisposeScope();
        // log cosh x = |x| + log(1 + e^(-2 |x|)) - log 2, which no cosh overflows.
        var far = (codes.to(float64).abs() - 1).abs();
        return (far + (far * -2).exp().log1p() - Math.Log(2)).mean().to(codes.dtype).MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.OfClasses();
    }
}
