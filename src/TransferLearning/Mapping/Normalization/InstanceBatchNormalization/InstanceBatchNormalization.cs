using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// IBN-a: a layer that normalizes its first channels image by image and the others over the batch, for networks whose
/// features shall depend less on an image's look.
/// </summary>
/// <remarks>
/// The first <c>floor(share c)</c> channels have an instance normalization with scale and shift, mean and variance over
/// the places of one image, in training and prediction alike; the others a batch normalization (Pan, Luo, Shi and Tang
/// 2018, "Two at Once: Enhancing Learning and Generalization Capacities via IBN-Net"). The authors put it in the place
/// of the first batch normalization of each residual block in the first three groups of a ResNet. Its parts are called
/// <c>IN</c> and <c>BN</c> as theirs, so that their weights fit. Their IBN-b is an <c>nn.InstanceNorm2d</c> behind a
/// block's sum.
/// </remarks>
public sealed class InstanceBatchNormalization : nn.Module<Tensor, Tensor>, IGraphPart
{
    private readonly InstanceNorm2d instance;
    private readonly BatchNorm2d batch;
    private readonly long half;
    private readonly long others;
    private readonly double epsilon;

    /// <summary>Makes a layer.</summary>
    /// <param name="channels">The number of channels c of inputs <c>[n, c, h, w]</c>, at least 2.</param>
    /// <param name="share">
    /// The share of channels that are normalized image by image, so that at least one is and one is not. Default 0.5,
    /// the authors'.
    /// </param>
    /// <param name="momentum">The share of a batch in the running statistics, from 0 to 1.</param>
    /// <param name="epsilon">What is added to variances.</param>
    public InstanceBatchNormalization(long channels, double share = 0.5, double momentum = 0.1, double epsilon = 1e-5)
        : base(nameof(InstanceBatchNormalization))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 2);
        Guard.InRange(share, 0, 1);
        Guard.Within(momentum, 0, 1);
        Guard.Positive(epsilon);
        half = (long)(channels * share);
        if (half < 1)
        {
            throw new ArgumentOutOfRangeException(
                nameof(share),
                share,
                $"share must leave at least one of {channels} channels to each normalization; it leaves none to that "
                    + "of images."
            );
        }
        (others, this.epsilon) = (channels - half, epsilon);
        instance = nn.InstanceNorm2d(half, eps: epsilon, affine: true);
        batch = nn.BatchNorm2d(others, eps: epsilon, momentum: momentum);
        register_module("IN", instance);
        register_module("BN", batch);
    }

    /// <summary>
    /// A layer in the place of a batch normalization, with copies of its scale and shift, of the statistics of the
    /// channels that go on being normalized over the batch, and with its epsilon and momentum.
    /// </summary>
    /// <remarks>
    /// The other channels are scaled otherwise from here on: a trained network has to be trained further.
    /// </remarks>
    /// <param name="pretrained">A batch normalization of images with scale and shift; it stays as it is.</param>
    /// <param name="share">The share of channels that are normalized image by image.</param>
    /// <exception cref="ArgumentException">It has no scale and shift, or no statistics.</exception>
    public static InstanceBatchNormalization From(BatchNorm2d pretrained, double share = 0.5)
    {
        ArgumentNullException.ThrowIfNull(pretrained);
        if (pretrained is not { weight: { } weight, bias: { } bias, running_mean: { } mean, running_var: { } variance })
        {
            throw new ArgumentException(
                "pretrained must be a batch normalization with scale, shift and running statistics; one of them is "
                    + "missing.",
                nameof(pretrained)
            );
        }
        if (pretrained.momentum is not { } momentum)
        {
            throw new ArgumentException(
                "pretrained must have a momentum; its statistics are a cumulative average.",
                nameof(pretrained)
            );
        }
        var layer = new InstanceBatchNormalization(weight.shape[0], share, momentum, pretrained.eps);
        layer.to(weight.device, weight.dtype);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        layer.instance.weight!.copy_(weight.narrow(0, 0, layer.half));
        layer.instance.bias!.copy_(bias.narrow(0, 0, layer.half));
        layer.batch.weight!.copy_(weight.narrow(0, layer.half, layer.others));
        layer.batch.bias!.copy_(bias.narrow(0, layer.half, layer.others));
        layer.batch.running_mean!.copy_(mean.narrow(0, layer.half, layer.others));
        layer.batch.running_var!.copy_(variance.narrow(0, layer.half, layer.others));
        return layer;
    }

    /// <inheritdoc />
    public override Tensor forward(Tensor input)
    {
        Guard.Alive(input);
        if (input.dim() != 4 || input.shape[1] != half + others)
        {
            throw new ArgumentException(
                $"input must be images [n, {half + others}, h, w]; got {Shape.Of(input)}.",
                nameof(input)
            );
        }
        using var scope = NewDisposeScope();
        var parts = input.split([half, others], 1);
        return cat([instance.call(parts[0].contiguous()), batch.call(parts[1].contiguous())], 1)
            .MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var parts = graph.Operators("Split", 2, [inputs, graph.Constant(tensor(new[] { half, others }))], ("axis", 1L));
        var ofImages = graph.Operator(
            "InstanceNormalization",
            [parts[0], graph.Constant(instance.weight!), graph.Constant(instance.bias!)],
            ("epsilon", epsilon)
        );
        var rest = graph.WithExample(parts[1], graph.ExampleOf(inputs).narrow(1, half, others));
        return graph.Operator("Concat", [ofImages, graph.Part(batch, rest, "BN")], ("axis", 1L));
    }
}
