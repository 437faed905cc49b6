using System.Globalization;
using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>
/// Example weights relative to their mean over the domain, so that their scale changes no learner's result.
/// </summary>
internal static class RelativeWeights
{
    /// <summary>A domain's weights of mean 1, float64 <c>[n]</c>; ones where it has none. Opens no scope.</summary>
    public static Tensor Of(LabeledDomain data) =>
        data.Weights is { } given ? Of(given.to(float64)) : ones(data.Count, float64, data.Labels.device);

    /// <summary>
    /// The exponentials of logarithms, divided by their mean, in the logarithms' dtype: of weights that no exponential
    /// could hold, too. Opens no scope.
    /// </summary>
    public static Tensor OfLogs(Tensor logs) => (logs.to(float64).softmax(0) * logs.shape[0]).to(logs.dtype);

    /// <summary>Domains whose weights have mean 1 each. Opens no scope.</summary>
    public static DomainSet Of(DomainSet domains)
    {
        static LabeledDomain Relative(LabeledDomain domain) =>
            domain.Weights is { } given ? domain.WithWeights(Of(given)) : domain;
        return domains.With(
            [.. domains.Sources.Select(Relative)],
            domains.HasTarget ? domains.Target : null,
            domains.LabeledTarget is { } few ? Relative(few) : null
        );
    }

    /// <summary>
    /// The weights that a weighting has made, as they are. Negative ones are refused before anything divides them by
    /// their mean, which may be negative, too.
    /// </summary>
    /// <exception cref="InvalidOperationException">Some are negative; the message names the weighting.</exception>
    public static Tensor Made(Tensor weights, IInstanceWeighting by)
    {
        Guard.Alive(weights);
        using var scope = NewDisposeScope();
        var negative = weights.lt(0).sum().item<long>();
        return negative == 0
            ? weights
            : throw new InvalidOperationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{by.GetType().Name} gave {negative} negative weights of {weights.numel()}, the least "
                        + $"{weights.min().ToDouble():G3}: a weight says how much a row counts, 0 or more."
                )
            );
    }

    /// <summary>Weights divided by their mean. Opens no scope.</summary>
    public static Tensor Of(Tensor weights) => weights / weights.mean();
}
