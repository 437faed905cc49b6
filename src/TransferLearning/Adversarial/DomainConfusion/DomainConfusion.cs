using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>Domain confusion: the extractor is to leave a critic with even odds for every row.</summary>
/// <remarks>
/// <c>-1/n sum_i 1/D sum_d log q_id</c>, the cross-entropy of the critic's domain probabilities q with the even
/// distribution, over all rows of a step; its minimum is <c>log D</c> (Tzeng, Hoffman, Darrell and Saenko 2015,
/// "Simultaneous Deep Transfer Across Domains and Tasks", equation 4). Unlike a reversed gradient it stays strong where
/// the critic is sure. The critic's one logit stands for two domains; a phase of its own teaches it to tell them apart.
/// Source rows weigh by their example weights.
/// </remarks>
/// <param name="critic">The critic; a phase that minimizes this term does not move it.</param>
public sealed class DomainConfusion(IDomainCritic critic) : IObjective, IJudged
{
    private readonly IDomainCritic critic = critic ?? throw new ArgumentNullException(nameof(critic));

    IReadOnlyList<IPart> IJudged.Critics => [critic];

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [critic];

    /// <inheritdoc />
    public BatchSplit Split => BatchSplit.Mean;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var target = step.Judgment(critic, step.Features(step.Target));
        var logits = cat([step.Judgment(critic, step.SourceFeatures()), target]);
        var weights = step.SourceWeights() is { } own ? cat([own.to(target.dtype), ones_like(target)]) : null;
        return Of(stack([logits, zeros_like(logits)], 1), weights);
    }

    /// <summary>The confusion of some rows.</summary>
    /// <param name="logits">The critic's logits of D domains <c>[n, D]</c>.</param>
    /// <param name="weights">Row weights <c>[n]</c>, or null. The mean is over rows, not over weights.</param>
    /// <returns>A scalar, differentiable in the logits; the caller disposes it.</returns>
    public static Tensor Of(Tensor logits, Tensor? weights = null)
    {
        Guard.AliveOrNull(weights);
        Guard.Rows(logits);
        using var scope = NewDisposeScope();
        var rows = logits.log_softmax(1).mean([1L]).neg();
        return (weights is null ? rows : rows * weights.detach().to(rows.dtype)).mean().MoveToOuterDisposeScope();
    }
}
