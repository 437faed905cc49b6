using System.Globalization;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>A risk on the target, estimated by weighed errors of source rows, with how far it can be trusted.</summary>
/// <remarks>
/// With errors e and density ratios w of n rows the risk is the mean of <c>w e</c>, its standard error
/// <c>sqrt(var(w e) / n)</c> with the variance divided by n - 1. Divided by the weights' sum it is
/// <c>r = sum w e / sum w</c>, its standard error that of the linearized ratio,
/// <c>sqrt(n / (n - 1) sum w^2 (e - r)^2) / sum w</c> (Owen 2013, "Monte Carlo Theory, Methods and Examples", chapter
/// 9). Both take the ratios as known: that they are estimated adds to it.
/// </remarks>
/// <param name="Value">The risk.</param>
/// <param name="StandardError">Its standard error.</param>
/// <param name="EffectiveRows">
/// How many rows of equal weight the weighed ones are worth, <c>(sum w)^2 / sum w^2</c>.
/// </param>
/// <param name="Count">How many rows there are.</param>
public readonly record struct WeightedRisk(double Value, double StandardError, double EffectiveRows, long Count)
{
    /// <summary>The risk by some errors.</summary>
    /// <param name="weights">The density ratios <c>[n]</c>, at least 2, not negative and not all 0.</param>
    /// <param name="errors">The errors <c>[n]</c>, any loss of a row.</param>
    /// <param name="isNormalized">Whether the sum is divided by the weights' sum, else by n.</param>
    /// <exception cref="ArgumentException">
    /// The numbers differ, there are fewer than 2, a weight is negative or no number, or all are 0.
    /// </exception>
    public static WeightedRisk Of(Tensor weights, Tensor errors, bool isNormalized = false)
    {
        Guard.Alive(weights);
        Guard.Alive(errors);
        var n = weights.numel();
        if (n != errors.numel() || n < 2)
        {
            throw new ArgumentException(
                $"errors must be as many as weights, at least 2; got {Shape.Of(weights)} and {Shape.Of(errors)}.",
                nameof(errors)
            );
        }
        using var scope = NewDisposeScope();
        var w = weights.detach().to(float64).reshape(-1);
        var e = errors.detach().to(float64).reshape(-1).to(w.device);
        var sum = w.sum().ToDouble();
        if (!(sum > 0) || double.IsInfinity(sum) || w.min().ToDouble() < 0)
        {
            throw new ArgumentException("weights must be numbers of at least 0, and not all 0.", nameof(weights));
        }
        var rows = EffectiveSampleSize.Of(w);
        if (!isNormalized)
        {
            var loss = w * e;
            return new WeightedRisk(loss.mean().ToDouble(), Math.Sqrt(loss.var(0).ToDouble() / n), rows, n);
        }
        var risk = (w * e).sum().ToDouble() / sum;
        var spread = (w * (e - risk)).square().sum().ToDouble() * n / (n - 1);
        return new WeightedRisk(risk, Math.Sqrt(spread) / sum, rows, n);
    }

    /// <inheritdoc />
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"risk {Value:F3} with a standard error of {StandardError:F3}, by {Count} rows that are worth "
                + $"{EffectiveRows:F0}"
        );
}
