using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>Class probabilities from scores of a declared kind.</summary>
internal static class Probabilities
{
    /// <summary>The probabilities of a predictor's float64 scores; they belong to the caller's scope.</summary>
    public static Tensor Of(ILabelPredictor predictor, Tensor features) =>
        Of(predictor.Predict(features).to(float64), predictor.ScoreKind);

    /// <summary>The probabilities <c>[n, classes]</c>; they belong to the caller's scope.</summary>
    public static Tensor Of(Tensor scores, ScoreKind kind)
    {
        using var scope = NewDisposeScope();
        var probabilities = kind switch
        {
            ScoreKind.Logits => scores.softmax(1),
            ScoreKind.Votes => Shares(scores),
            ScoreKind.Probabilities => scores.clamp_min(0),
            _ => throw new InvalidOperationException(
                "The predictor gives values, not scores of classes, so there are no probabilities: take the values "
                    + "from Predict."
            ),
        };
        return probabilities.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The probability <c>[n, k]</c> of each label by itself, where a row may have any of them; it belongs to the
    /// caller's scope.
    /// </summary>
    public static Tensor OfLabels(Tensor scores, ScoreKind kind) =>
        kind switch
        {
            ScoreKind.Logits => scores.sigmoid(),
            ScoreKind.Probabilities => scores.alias(),
            _ => throw new InvalidOperationException(
                $"The predictor gives {kind.ToString().ToLowerInvariant()}, from which no label's probability follows: "
                    + "take the scores from Predict."
            ),
        };

    // Votes against a class lift all others; where nobody votes, all classes are alike.
    private static Tensor Shares(Tensor votes)
    {
        var least = votes.amin([1L], keepdim: true);
        var lifted = votes - least.minimum(zeros_like(least));
        var sum = lifted.sum(dim: 1, keepdim: true);
        var even = full(votes.shape, 1.0 / votes.shape[1], votes.dtype, votes.device);
        return where(sum.gt(0), lifted / sum, even);
    }

    /// <summary>Writes or reads a kind.</summary>
    public static void Exchange(StateBag state, ref ScoreKind kind) => state.Choice("scores", ref kind);
}
