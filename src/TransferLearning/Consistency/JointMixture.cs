using TransferLearning.Augmentation;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>Labeled rows and guessed target rows mixed with each other: what MixMatch and ReMixMatch share.</summary>
/// <param name="Labeled">The cross-entropy of the mixed labeled rows, a mean of the batches' means.</param>
/// <param name="Scores">Logits of the target's mixed views.</param>
/// <param name="Wanted">Their mixed guesses.</param>
/// <param name="Weights">
/// Their mixed weights <c>[n]</c>, a guess weighing 1; null where no labeled batch has weights.
/// </param>
internal sealed record JointMixture(Tensor Labeled, Tensor Scores, Tensor Wanted, Tensor? Weights)
{
    /// <summary>Mixes and passes a step's rows. Opens no scope.</summary>
    /// <param name="step">The step.</param>
    /// <param name="labeled">The labeled batches, each with the look at it that is mixed.</param>
    /// <param name="looks">The looks at the target.</param>
    /// <param name="guesses">What each of the target's rows is guessed to be, <c>[m, C]</c>.</param>
    /// <param name="alpha">
    /// The parameter of the Beta distribution, drawn once a row; the larger part is the row's own.
    /// </param>
    public static JointMixture Of(
        StepContext step,
        IReadOnlyList<(LabeledBatch Batch, Tensor Inputs)> labeled,
        IReadOnlyList<UnlabeledBatch> looks,
        Tensor guesses,
        double alpha
    )
    {
        var key = step.NextKey();
        var inputs = cat([.. labeled.Select(one => one.Inputs), .. looks.Select(look => look.Inputs)]);
        var labels = cat([.. labeled.Select(one => SoftLabels.Of(one.Batch)), .. looks.Select(_ => guesses)]);
        using var generator = key.Child(0).Generator();
        var partners = randperm(inputs.shape[0], generator: generator).to(inputs.device);
        var random = key.Child(1).Random();
        double[] drawn = [.. Enumerable.Range(0, (int)inputs.shape[0]).Select(_ => MixingShare.Draw(alpha, random))];
        var shares = tensor(drawn.Select(share => Math.Max(share, 1 - share)).ToArray(), float64);
        Tensor Mix(Tensor rows, Tensor others)
        {
            var own = shares.to(rows.dtype, rows.device).reshape([-1, .. Enumerable.Repeat(1L, (int)rows.dim() - 1)]);
            return (rows * own) + (others.index_select(0, partners) * (1 - own));
        }
        var given = labeled.Any(one => one.Batch.Weights is not null) ? Given(labeled, inputs) : null;
        var mixed = Mix(inputs, inputs);
        var (wanted, weights) = SoftLabels.Mixed((labels, given), (labels, given), Mix);
        var (terms, start) = (new List<Tensor>(), 0L);
        foreach (var (batch, looked) in labeled)
        {
            var count = looked.shape[0];
            var (rows, targets) = (mixed.narrow(0, start, count), wanted.narrow(0, start, count));
            var own = weights?.narrow(0, start, count);
            terms.Add(CrossEntropy.Of(step.Scores(batch.With(rows, targets)), targets, own));
            start += count;
        }
        var rest = inputs.shape[0] - start;
        var target = new UnlabeledBatch(mixed.narrow(0, start, rest), step.Target.Domain, step.Target.Rows);
        return new JointMixture(
            stack([.. terms]).mean(),
            step.Scores(target),
            wanted.narrow(0, start, rest),
            weights?.narrow(0, start, rest)
        );
    }

    // Of every row that is mixed; rows without weights, and guesses, weigh 1.
    private static Tensor Given(IReadOnlyList<(LabeledBatch Batch, Tensor Inputs)> labeled, Tensor inputs)
    {
        var own = labeled.Select(one => one.Batch.Weights?.to(float64) ?? Ones(one.Inputs.shape[0]));
        Tensor Ones(long rows) => ones(rows, float64, inputs.device);
        return cat([.. own, Ones(inputs.shape[0] - labeled.Sum(one => one.Inputs.shape[0]))]);
    }
}
