using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// CrossGrad: the risk of the labeled rows as they are and moved toward other domains, along the slope of the loss of a
/// network that tells the domains apart.
/// </summary>
/// <remarks>
/// <c>(1 - a) R(x) + a R(x + e clamp(d D / d x, -c, c))</c>, the mean over the sources, with R the risk of
/// <see cref="SourceRisk"/>, D the cross-entropy of the domain network for the number of the row's source, mean over
/// all rows of the step, and the change of the rows a constant (Shankar, Piratla, Chakrabarti, Chaudhuri, Jyothi and
/// Sarawagi 2018, "Generalizing Across Domains via Cross-Gradient Training", algorithm 1; the clamp is the authors'
/// program's). It takes the place of the loss of the labeled rows; those of the target, where there are some, count as
/// one more source that is not moved. <see cref="CrossGradientCritic"/> trains the domain
/// network by rows that are moved along the slope of R, in a phase of its own. The slope is that of a mean over rows:
/// in smaller batches rows move farther, up to <c>e c</c>.
/// </remarks>
/// <param name="domains">
/// The domain network, inputs <c>[n, ...]</c> to one logit a source <c>[n, K]</c>; this term does not move it.
/// </param>
public sealed class CrossGradient(ILabelPredictor domains) : IObjective
{
    private readonly ILabelPredictor domains = domains ?? throw new ArgumentNullException(nameof(domains));

    /// <summary>
    /// The factor e of the slope, not negative. Default 10, the authors' for 32 x 32 images between 0 and 1; Dassl has
    /// 1.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double Epsilon { get; init; } = 10;

    /// <summary>The largest slope c of a number that counts, above 0. Default 0.1, the authors'.</summary>
    [OptionRange(Above = 0)]
    public double Limit { get; init; } = 0.1;

    /// <summary>The share a of the moved rows, from 0 to 1. Default 0.5, the authors'.</summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double MovedShare { get; init; } = 0.5;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [domains];

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) => plan.SeveralSources();

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var moved = Moves(step).TowardDomains;
        var risks = step.Sources.Select(
            (batch, k) =>
                (SourceRisk.Of(step.Scores(batch), batch) * (1 - MovedShare))
                + (SourceRisk.Of(Scores(step, batch, batch.Inputs + moved[k]), batch) * MovedShare)
        );
        return stack(
                step.Batch.LabeledTarget is { } few ? [.. risks, SourceRisk.Of(step.Scores(few), few)] : risks.ToArray()
            )
            .mean();
    }

    /// <summary>A step of rows along a slope.</summary>
    /// <param name="slope">The slope of a loss for each number of the rows.</param>
    /// <param name="epsilon">The factor of the slope.</param>
    /// <param name="limit">The largest slope that counts.</param>
    /// <returns><c>epsilon clamp(slope, -limit, limit)</c>, a constant; the caller disposes it.</returns>
    public static Tensor Move(Tensor slope, double epsilon = 10, double limit = 0.1)
    {
        Guard.Alive(slope);
        Guard.NotNegative(epsilon);
        Guard.Positive(limit);
        using var scope = NewDisposeScope();
        return (slope.detach().clamp(-limit, limit) * epsilon).MoveToOuterDisposeScope();
    }

    /// <summary>The domain network.</summary>
    internal ILabelPredictor Domains => domains;

    /// <summary>What a step's rows are moved by, computed once a step, by the networks as they are then.</summary>
    internal Changes Moves(StepContext step) => step.Once(this, step.Batch, () => Computed(step));

    /// <summary>The cross-entropy of the domain network for the numbers of the sources, mean over all rows.</summary>
    /// <param name="step">The step.</param>
    /// <param name="inputs">Inputs of each source.</param>
    internal Tensor DomainLoss(StepContext step, IReadOnlyList<Tensor> inputs)
    {
        var judged = domains.Predict(inputs.Count == 1 ? inputs[0] : cat([.. inputs]));
        if (judged.dim() != 2 || judged.shape[1] != step.Sources.Count)
        {
            throw new ArgumentException(
                $"the domain network must give one logit a source, [n, {step.Sources.Count}]; it gave "
                    + $"{Shape.Of(judged)}.",
                nameof(step)
            );
        }
        var numbers = inputs.Select((rows, k) => full(rows.shape[0], k, int64, judged.device));
        return Objectives.CrossEntropy.Of(judged, cat([.. numbers]), step.SourceWeights());
    }

    private Changes Computed(StepContext step)
    {
        using var recording = enable_grad();
        Tensor[] rows = [.. step.Sources.Select(batch => batch.Inputs.detach().requires_grad_())];
        var risks = step.Sources.Select((batch, k) => SourceRisk.Of(Scores(step, batch, rows[k]), batch));
        var ofDomains = autograd.grad([DomainLoss(step, rows)], rows);
        var ofLabels = autograd.grad([stack([.. risks]).mean()], rows);
        return new Changes(
            [.. ofDomains.Select(slope => Move(slope, Epsilon, Limit))],
            [.. ofLabels.Select(slope => Move(slope, Epsilon, Limit))]
        );
    }

    private static Tensor Scores(StepContext step, LabeledBatch batch, Tensor inputs) =>
        step.Predictor.Predict(step.Extractor.For(batch.Domain).Extract(inputs));

    /// <summary>What each source's rows are moved by.</summary>
    /// <param name="TowardDomains">Along the slope of the domains' loss.</param>
    /// <param name="TowardLabels">Along the slope of the labels' risk.</param>
    internal sealed record Changes(IReadOnlyList<Tensor> TowardDomains, IReadOnlyList<Tensor> TowardLabels);
}
