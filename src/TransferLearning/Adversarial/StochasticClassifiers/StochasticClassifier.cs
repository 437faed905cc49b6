using TorchSharp;
using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// A linear classifier whose weights are drawn anew in each pass of training: a distribution of classifiers.
/// </summary>
/// <remarks>
/// <c>z = W f + b</c>, <c>W = M + sigmoid(S) * N</c>, entries of N standard normal; M starts standard normal, S and b
/// at 0, so that weights have a spread of 1/2 at first (Lu, Yang, Zhu, Liu, Song and Xiang 2020, "Stochastic
/// Classifiers for Unsupervised Domain Adaptation", and the authors' program). In evaluation mode W is M. Draws come
/// from libtorch's global generator, as dropout's do, which a training seeds in every step. M and S are differentiated
/// through the draw.
/// </remarks>
public sealed class StochasticClassifier : nn.Module<Tensor, Tensor>, IGraphPart
{
    private readonly Parameter mean;
    private readonly Parameter spread;
    private readonly Parameter bias;

    /// <summary>Makes a classifier.</summary>
    /// <param name="features">The number of features d.</param>
    /// <param name="classes">The number of classes C.</param>
    public StochasticClassifier(long features, long classes)
        : base(nameof(StochasticClassifier))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        mean = nn.Parameter(randn(classes, features));
        (spread, bias) = (nn.Parameter(zeros(classes, features)), nn.Parameter(zeros(classes)));
        RegisterComponents();
    }

    /// <summary>
    /// The scores <c>[n, C]</c> of features <c>[n, d]</c>, by one draw of the weights while it trains.
    /// </summary>
    public override Tensor forward(Tensor input)
    {
        Guard.Fitted(input, mean.shape[1]);
        using var scope = NewDisposeScope();
        var weight = training
            ? mean + (spread.sigmoid() * randn(spread.shape, dtype: spread.dtype, device: spread.device))
            : mean;
        return nn.functional.linear(input, weight, bias).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs) =>
        graph.Add(graph.Product(inputs, mean.t()), graph.Constant(bias));
}
