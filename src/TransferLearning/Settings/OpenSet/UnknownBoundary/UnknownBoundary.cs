using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// OSBP: the classifier has an output for "unknown" and holds it at t for target rows; the extractor pushes each of
/// them to one side, known or unknown.
/// </summary>
/// <remarks>
/// <c>-t mean log(p + epsilon) - (1 - t) mean log(1 - p + epsilon)</c>, p the softmax's last entry over the target
/// batch, with minus its gradient going to the extractor (Saito, Yamamoto, Ushiku and Harada 2018, "Open Set Domain
/// Adaptation by Backpropagation", equation 3). The labels' space has the unknown class as its last,
/// <see cref="LabeledDomain.WithUnknown"/>; no source row has it.
/// </remarks>
public sealed record UnknownBoundary : IObjective
{
    /// <summary>The probability t of "unknown" that the classifier aims at. Default 0.5, the authors'.</summary>
    [OptionRange(Above = 0, Below = 1)]
    public double Boundary { get; init; } = 0.5;

    /// <summary>What is added inside the logarithms, not negative; 0 is exact. Default 1e-6, TLLib's.</summary>
    [OptionRange(AtLeast = 0)]
    public double Epsilon { get; init; } = 1e-6;

    /// <summary>The factor of the gradient that the extractor receives, not negative. Default 1.</summary>
    [OptionRange(AtLeast = 0)]
    public double Reversal { get; init; } = 1;

    /// <summary>The last class of the labels must be that of unknown rows, which no source row has.</summary>
    public IEnumerable<string> Faults(ChainPlan plan) => plan.RoomForUnknown();

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var reversed = ReversedGradient.Of(step.Features(step.Target), Reversal);
        return Of(step.Scores(step.Predictor, reversed), Boundary, Epsilon);
    }

    /// <summary>The cross-entropy of "unknown", the last class, against t.</summary>
    /// <param name="scores">Logits <c>[n, C + 1]</c>.</param>
    /// <param name="boundary">The probability t that is aimed at.</param>
    /// <param name="epsilon">What is added inside the logarithms.</param>
    /// <returns>A scalar, differentiable in the scores; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">There is no column for "unknown" beside that of a known class.</exception>
    public static Tensor Of(Tensor scores, double boundary = 0.5, double epsilon = 1e-6)
    {
        Guard.Rows(scores);
        Guard.Positive(boundary);
        Guard.InRange(boundary, 0, 1);
        Guard.NotNegative(epsilon);
        var known = scores.shape[1] - 1;
        if (known < 1)
        {
            throw new ArgumentException(
                $"scores must have a column for each known class and a last one for unknown rows; got "
                    + $"{Shape.Of(scores)}. Fit with source.WithUnknown() and one output more.",
                nameof(scores)
            );
        }
        using var scope = NewDisposeScope();
        var logs = scores.log_softmax(1);
        var (ofKnown, ofUnknown) = (logs.narrow(1, 0, known).logsumexp(1), logs.select(1, known));
        if (epsilon > 0)
        {
            var least = full_like(ofKnown, Math.Log(epsilon));
            (ofKnown, ofUnknown) = (ofKnown.logaddexp(least), ofUnknown.logaddexp(least));
        }
        return ((ofUnknown * -boundary) - (ofKnown * (1 - boundary))).mean().MoveToOuterDisposeScope();
    }
}
