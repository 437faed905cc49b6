using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// SagNet's content: cross-entropy of rows whose style, mean and variance, is mixed with another row's.
/// </summary>
/// <remarks>
/// Of features f, or of each channel over its places, with mean m and variance v (divided by count less 1): <c>(f - m)
/// / sqrt(v + 1e-5)</c> times the root of <c>l v + (1 - l) v' + 1e-5</c> plus <c>l m + (1 - l) m'</c>, m' and v' of a
/// row drawn from all labeled rows, l drawn evenly from 0 to 1 for each row (Nam, Lee, Park, Yoon and Yoo 2021,
/// "Reducing Domain Gap by Reducing Style Bias"). It takes the place of the cross-entropy. Example
/// weights weigh the rows; the labeled batches' means are averaged.
/// </remarks>
public sealed record StyleRandomization : IObjective
{
    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) => plan.OfClasses();

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var key = step.NextKey();
        var (features, batches) = StyleStatistic.All(step);
        Tensor shares;
        using (var generator = key.Child(1).Generator())
        {
            shares = rand(features.shape[0], generator: generator).to(features.device);
        }
        var mixed = Of(features, StyleStatistic.Partners(features, key.Child(0)), shares);
        var scores = step.Predictor.Predict(mixed).split([.. batches.Select(batch => batch.Inputs.shape[0])]);
        return stack([.. batches.Zip(scores, (batch, own) => CrossEntropy.Of(own, batch.Labels, batch.Weights))])
            .mean();
    }

    /// <summary>Rows with a part of others' styles.</summary>
    /// <param name="rows">Features <c>[n, d]</c>, or channels over places <c>[n, c, ...]</c>.</param>
    /// <param name="partners">The partner of each row, int64 <c>[n]</c>.</param>
    /// <param name="shares">The share l of each row's own style <c>[n]</c>, from 0 to 1.</param>
    /// <returns>The rows in their shape, differentiable in them; the caller disposes them.</returns>
    public static Tensor Of(Tensor rows, Tensor partners, Tensor shares)
    {
        StyleStatistic.Check(rows, partners);
        Guard.Alive(shares);
        if (!shares.shape.SequenceEqual([rows.shape[0]]))
        {
            throw new ArgumentException(
                $"shares must be one a row, [{rows.shape[0]}]; got {Shape.Of(shares)}.",
                nameof(shares)
            );
        }
        using var scope = NewDisposeScope();
        var (content, mean, variance) = StyleStatistic.Of(rows);
        long[] perRow = [rows.shape[0], .. Enumerable.Repeat(1L, (int)mean.dim() - 1)];
        var own = shares.to(rows.dtype).reshape(perRow);
        Tensor Mixed(Tensor of) => (of * own) + (of.index_select(0, partners) * (1 - own));
        return StyleStatistic.Rows(content, Mixed(mean), Mixed(variance), rows).MoveToOuterDisposeScope();
    }
}
