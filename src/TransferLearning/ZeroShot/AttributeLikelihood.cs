using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.ZeroShot;

/// <summary>
/// How likely a row is of a class with these binary attributes:
/// <c>sum_m [log p(a_m = a_m^c | x) - log p(a_m = a_m^c)]</c>, computed from the logits z of <c>p(a_m = 1 | x)</c> as
/// <c>z . a^c + sum_m log sigmoid(-z_m) - sum_m log p(a_m^c)</c>.
/// </summary>
internal static class AttributeLikelihood
{
    /// <summary>
    /// The least probability of an attribute and of its absence, so that no reading rules a class out for good.
    /// </summary>
    private const double Least = 1e-12;

    /// <summary>The log-likelihoods <c>[n, C]</c>. Opens no scope.</summary>
    /// <param name="logits">Attribute logits <c>[n, a]</c>.</param>
    /// <param name="vectors">Attributes of the classes, 0 or 1, <c>[C, a]</c>.</param>
    /// <param name="offsets">The attributes' own log-likelihoods by class <c>[C]</c>.</param>
    public static Tensor Of(Tensor logits, Tensor vectors, Tensor offsets)
    {
        Guard.Fitted(logits, vectors.shape[1]);
        var absent = nn.functional.logsigmoid(logits.neg()).sum(1, keepdim: true);
        return (logits.matmul(vectors.t()) + absent) - offsets;
    }

    /// <summary><c>sum_m log p(a_m = a_m^c)</c> of each class <c>[C]</c>. Opens no scope.</summary>
    public static Tensor OfPriors(Tensor vectors, Tensor priors)
    {
        var logits = priors.log() - (1 - priors).log();
        return vectors.matmul(logits.unsqueeze(1)).squeeze(1) + (1 - priors).log().sum();
    }

    /// <summary>Logits of probabilities given with those of their opposite, both of any sum. Opens no scope.</summary>
    public static Tensor Logits(Tensor present, Tensor absent) =>
        present.clamp_min(Least).log() - absent.clamp_min(Least).log();

    /// <summary>
    /// The share of the seen classes that has each attribute; 0.5 for one that all or none have. Opens no scope.
    /// </summary>
    public static Tensor Priors(Tensor seenVectors)
    {
        var shares = seenVectors.mean([0L]);
        return where((shares * (1 - shares)).gt(0), shares, full_like(shares, 0.5));
    }

    /// <summary><see cref="Of"/> as operators.</summary>
    public static GraphValue Write(IGraphWriter graph, GraphValue logits, Tensor vectors, Tensor offsets)
    {
        // ln(1 + e^z) = max(z, 0) + ln(1 + e^-|z|); runtimes have no operator for it in float64.
        var small = graph.Operator("Exp", [graph.Operator("Neg", [graph.Operator("Abs", [logits])])]);
        var logarithm = graph.Operator("Log", [graph.Add(small, graph.Number(1))]);
        var absent = graph.RowSum(graph.Add(graph.AtLeast(logits, 0), logarithm));
        var fit = graph.Subtract(graph.Product(logits, vectors.t()), absent);
        return graph.Subtract(fit, graph.Constant(offsets));
    }

    /// <summary><see cref="Logits"/> as operators.</summary>
    public static GraphValue WriteLogits(IGraphWriter graph, GraphValue present, GraphValue absent) =>
        graph.Subtract(
            graph.Operator("Log", [graph.AtLeast(present, Least)]),
            graph.Operator("Log", [graph.AtLeast(absent, Least)])
        );
}
