using TorchSharp;
using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// StochNorm: batch normalization that takes, channel by channel and drawn anew in each pass, either the batch's
/// statistics or the moving ones of the pre-trained network.
/// </summary>
/// <remarks>
/// In training <c>y = gamma x^ + beta</c> with <c>x^ = (x - m) / sqrt(v + eps)</c>; a channel takes mean and variance
/// (of n) of the batch with probability p and the moving ones elsewhere, those before this batch's update
/// <c>moving = (1 - momentum) moving + momentum batch</c> (variance of n - 1). In evaluation the moving ones (Kou, You,
/// Long and Wang 2020, "Stochastic Normalization", equation 5). Gradients flow through the batch's statistics and not
/// through the moving ones. Choices are drawn as dropout draws, from the step's seed in a training. TLLib's gradient
/// through the moving branch is by the updated statistics, a fault of its in-place update; here it is by those that
/// were used.
/// </remarks>
public sealed class StochasticNormalization : nn.Module<Tensor, Tensor>, IGraphPart
{
    private readonly Parameter weight;
    private readonly Parameter bias;
    private readonly Tensor mean;
    private readonly Tensor variance;
    private readonly double probability;
    private readonly double momentum;
    private readonly double epsilon;

    /// <summary>Makes a layer.</summary>
    /// <param name="features">The number of channels c of inputs <c>[n, c]</c> or <c>[n, c, ...]</c>.</param>
    /// <param name="probability">
    /// The probability p that a channel takes the batch's statistics, from 0 to 1. Default 0.5, the authors'.
    /// </param>
    /// <param name="momentum">The share of a batch in the moving statistics, from 0 to 1.</param>
    /// <param name="epsilon">What is added to variances.</param>
    public StochasticNormalization(
        long features,
        double probability = 0.5,
        double momentum = 0.1,
        double epsilon = 1e-5
    )
        : base(nameof(StochasticNormalization))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 1);
        Guard.Within(probability, 0, 1);
        Guard.Within(momentum, 0, 1);
        Guard.Positive(epsilon);
        (this.probability, this.momentum, this.epsilon) = (probability, momentum, epsilon);
        (weight, bias) = (nn.Parameter(ones(features)), nn.Parameter(zeros(features)));
        (mean, variance) = (zeros(features), ones(features));
        RegisterComponents();
    }

    /// <summary>
    /// A layer in the place of a pre-trained batch normalization, with copies of its scale, shift and statistics, and
    /// with its epsilon and momentum (0.1 where it averages all batches alike).
    /// </summary>
    /// <param name="pretrained">
    /// A batch normalization of one, two or three dimensions with scale, shift and statistics; it stays as it is.
    /// </param>
    /// <param name="probability">The probability that a channel takes the batch's statistics.</param>
    /// <exception cref="ArgumentException">It has no scale, shift or statistics.</exception>
    public static StochasticNormalization From(nn.Module<Tensor, Tensor> pretrained, double probability = 0.5)
    {
        ArgumentNullException.ThrowIfNull(pretrained);
        var state = pretrained.state_dict();
        string[] names = ["weight", "bias", "running_mean", "running_var"];
        if (Array.Find(names, name => !state.ContainsKey(name)) is { } missing)
        {
            throw new ArgumentException(
                $"pretrained must be a batch normalization with {string.Join(", ", names)}; "
                    + $"{pretrained.GetName()} has no {missing}.",
                nameof(pretrained)
            );
        }
        var like = state["weight"];
        var layer = pretrained is NormBase norm
            ? new StochasticNormalization(like.shape[0], probability, norm.momentum ?? 0.1, norm.eps)
            : new StochasticNormalization(like.shape[0], probability);
        layer.to(like.device, like.dtype);
        using var quiet = no_grad();
        layer.weight.copy_(like);
        layer.bias.copy_(state["bias"]);
        layer.mean.copy_(state["running_mean"]);
        layer.variance.copy_(state["running_var"]);
        return layer;
    }

    /// <inheritdoc />
    public override Tensor forward(Tensor input)
    {
        Guard.Alive(input);
        using var scope = NewDisposeScope();
        if (!training)
        {
            return nn
                .functional.batch_norm(input, mean, variance, weight, bias, false, 0, epsilon)
                .MoveToOuterDisposeScope();
        }
        var selection = full(mean.shape, probability, mean.dtype, mean.device).bernoulli();
        var (output, ofBatch, spread) = Of(input, mean, variance, weight, bias, selection, epsilon);
        using (no_grad())
        {
            var share = full([], momentum, mean.dtype, mean.device);
            mean.lerp_(ofBatch.detach(), share);
            variance.lerp_(spread.detach(), share);
        }
        return output.MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs) =>
        graph.Normalize(inputs, mean, variance, weight, bias, epsilon);

    /// <summary>The layer in training, with given choices.</summary>
    /// <param name="input">Inputs <c>[n, c, ...]</c>, more than one value a channel.</param>
    /// <param name="mean">Moving means <c>[c]</c>; taken as constants.</param>
    /// <param name="variance">Moving variances <c>[c]</c>; taken as constants.</param>
    /// <param name="weight">Scale gamma <c>[c]</c>.</param>
    /// <param name="bias">Shift beta <c>[c]</c>.</param>
    /// <param name="selection">
    /// 1 where a channel takes the batch's statistics, 0 where it takes the moving ones, <c>[c]</c>.
    /// </param>
    /// <param name="epsilon">What is added to variances.</param>
    /// <returns>
    /// The outputs, differentiable in inputs, scale and shift, and the batch's mean and variance (of n - 1) <c>[c]</c>;
    /// the caller disposes them.
    /// </returns>
    public static (Tensor Output, Tensor Mean, Tensor Variance) Of(
        Tensor input,
        Tensor mean,
        Tensor variance,
        Tensor weight,
        Tensor bias,
        Tensor selection,
        double epsilon = 1e-5
    )
    {
        Guard.Alive(input);
        Guard.Alive(mean);
        Guard.Alive(variance);
        Guard.Alive(weight);
        Guard.Alive(bias);
        Guard.Alive(selection);
        if (input.dim() < 2 || input.shape[1] != mean.shape[0] || input.numel() == input.shape[1])
        {
            throw new ArgumentException(
                $"input must be [n, {mean.shape[0]}, ...] with more than one value a channel, or it "
                    + $"has no variance; got {Shape.Of(input)}.",
                nameof(input)
            );
        }
        using var scope = NewDisposeScope();
        var values = input.transpose(0, 1).reshape(input.shape[1], -1); // [c, values]
        var (ofBatch, spread) = (values.mean([1L]), values.var(1, unbiased: false));
        var isOfBatch = selection.to(ScalarType.Bool);
        var center = where(isOfBatch, ofBatch, mean.detach());
        var scale = weight * (where(isOfBatch, spread, variance.detach()) + epsilon).rsqrt();
        long[] channels = [1, -1, .. Enumerable.Repeat(1L, (int)input.dim() - 2)];
        var output = ((input - center.reshape(channels)) * scale.reshape(channels)) + bias.reshape(channels);
        var count = (double)values.shape[1];
        var ofSample = spread * (count / (count - 1));
        return (
            output.MoveToOuterDisposeScope(),
            ofBatch.MoveToOuterDisposeScope(),
            ofSample.MoveToOuterDisposeScope()
        );
    }
}
