using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.ZeroShot;

/// <summary>The loss of sequences: how unlikely each next token was, padding left out.</summary>
public static class TokenCrossEntropy
{
    /// <summary>
    /// <c>sum_{i,j: y_ij is no padding} ((1 - e) (-log p_ij(y_ij)) + e mean_v (-log p_ij(v)))</c> over the number of
    /// those tokens, p the softmax of the scores and e the smoothing: what rows were filled up with changes nothing.
    /// </summary>
    /// <param name="scores">The scores of every word at every place <c>[n, t, v]</c>.</param>
    /// <param name="tokens">The right words <c>[n, t]</c>, int64, from 0 to v - 1.</param>
    /// <param name="padding">The token that counts for nothing.</param>
    /// <param name="smoothing">The share e of all words, from 0 to below 1. Default 0.</param>
    /// <returns>A scalar, differentiable in the scores; 0 where all is padding. The caller disposes it.</returns>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Tensor Of(Tensor scores, Tensor tokens, long padding, double smoothing = 0)
    {
        Guard.Alive(scores);
        Guard.Alive(tokens);
        Guard.InRange(smoothing, 0, 1);
        if (scores.dim() != 3 || !scores.is_floating_point())
        {
            throw new ArgumentException(
                $"scores must be [n, t, v] of a floating dtype; got {Shape.Of(scores)}.",
                nameof(scores)
            );
        }
        if (tokens.dtype != ScalarType.Int64 || !tokens.shape.SequenceEqual(scores.shape[..2]))
        {
            throw new ArgumentException(
                $"tokens must be int64 [{scores.shape[0]}, {scores.shape[1]}], one for each place of the scores; got "
                    + $"{Shape.Of(tokens)}.",
                nameof(tokens)
            );
        }
        using var scope = NewDisposeScope();
        var isToken = tokens.ne(padding).to(scores.dtype);
        var logs = scores.log_softmax(2);
        var each = logs.gather(2, tokens.unsqueeze(2)).squeeze(2).neg();
        if (smoothing > 0)
        {
            each = (each * (1 - smoothing)) - (logs.mean([2L]) * smoothing);
        }
        return ((each * isToken).sum() / isToken.sum().clamp_min(1)).MoveToOuterDisposeScope();
    }
}
