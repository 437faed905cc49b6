using TorchSharp;
using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// One domain's batch normalization: its running mean and variance and, where wanted, its own scale and shift.
/// </summary>
internal sealed class DomainStatistics : nn.Module<Tensor, Tensor>, IGraphPart
{
    private readonly Tensor mean;
    private readonly Tensor variance;
    private readonly Parameter? weight;
    private readonly Parameter? bias;
    private readonly double momentum;
    private readonly double epsilon;

    public DomainStatistics(long features, double momentum, double epsilon, bool hasScale)
        : base(nameof(DomainStatistics))
    {
        Guard.Within(momentum, 0, 1);
        (this.momentum, this.epsilon) = (momentum, epsilon);
        (mean, variance) = (zeros(features), ones(features));
        (weight, bias) = hasScale ? (nn.Parameter(ones(features)), nn.Parameter(zeros(features))) : (null, null);
        RegisterComponents();
    }

    /// <summary>
    /// Normalizes <c>[n, c, ...]</c>: by the batch in training, which the running statistics follow, and by those
    /// afterwards.
    /// </summary>
    public override Tensor forward(Tensor input)
    {
        if (training && input.numel() == input.shape[1])
        {
            throw new ArgumentException(
                "a training batch must hold more than one value a channel, or it has no variance; got "
                    + $"{Shape.Of(input)}.",
                nameof(input)
            );
        }
        return nn.functional.batch_norm(input, mean, variance, weight, bias, training, momentum, epsilon);
    }

    public GraphValue Write(IGraphWriter graph, GraphValue inputs) =>
        graph.Normalize(inputs, mean, variance, weight, bias, epsilon);

    /// <summary>The running <c>mean / sqrt(variance + epsilon)</c> of every channel. Opens no scope.</summary>
    public Tensor Standing() => mean / (variance + epsilon).sqrt();
}
