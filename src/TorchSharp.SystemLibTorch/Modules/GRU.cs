#nullable disable // TorchSharp declares this module without nullable annotations.
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>A gated recurrent unit over [steps, n, inputs] ([n, steps, inputs] if batch first); returns outputs and last state.</summary>
public sealed class GRU : nn.Module<Tensor, Tensor, (Tensor, Tensor)>
{
    private static readonly Operator Run = new("aten::gru", "input");

    private readonly long hiddenSize;
    private readonly long layers;
    private readonly bool bias;
    private readonly bool batchFirst;
    private readonly double dropout;
    private readonly bool bidirectional;

    internal GRU(
        long inputSize,
        long hiddenSize,
        long numLayers,
        bool bias,
        bool batchFirst,
        double dropout,
        bool bidirectional,
        Device device,
        ScalarType? dtype
    )
        : base(nameof(GRU))
    {
        this.hiddenSize = hiddenSize;
        this.bias = bias;
        this.batchFirst = batchFirst;
        this.dropout = dropout;
        this.bidirectional = bidirectional;
        layers = numLayers;
        var bound = 1 / Math.Sqrt(hiddenSize);
        for (var layer = 0; layer < numLayers; layer++)
        {
            var width = layer == 0 ? inputSize : hiddenSize * Directions;
            for (var direction = 0; direction < Directions; direction++)
            {
                var suffix = direction == 0 ? $"_l{layer}" : $"_l{layer}_reverse";
                Add($"weight_ih{suffix}", 3 * hiddenSize, width);
                Add($"weight_hh{suffix}", 3 * hiddenSize, hiddenSize);
                if (bias)
                {
                    Add($"bias_ih{suffix}", 3 * hiddenSize);
                    Add($"bias_hh{suffix}", 3 * hiddenSize);
                }
            }
        }

        void Add(string weightName, params long[] shape)
        {
            var weight = new Parameter(empty(shape, dtype, device));
            nn.init.uniform_(weight, -bound, bound);
            register_parameter(weightName, weight);
        }
    }

    private int Directions => bidirectional ? 2 : 1;

    public new (Tensor, Tensor) call(Tensor input, Tensor h0 = null) => base.call(input, h0);

    public override (Tensor, Tensor) forward(Tensor input, Tensor h0 = null)
    {
        using var scope = NewDisposeScope();
        var batch = input.ndim == 2 ? [] : new[] { input.shape[batchFirst ? 0 : 1] };
        var start = h0 ?? zeros([layers * Directions, .. batch, hiddenSize], input.dtype, input.device);
        var weights = parameters().ToArray<Tensor>();
        var (outputs, last) =
            input.ndim == 2
                ? Unbatched(input, start, weights)
                : Run.InvokePair(input, start, weights, bias, layers, dropout, training, bidirectional, batchFirst);
        return (outputs.MoveToOuterDisposeScope(), last.MoveToOuterDisposeScope());
    }

    private (Tensor, Tensor) Unbatched(Tensor input, Tensor start, Tensor[] weights)
    {
        var (outputs, last) = Run.InvokePair(
            input.unsqueeze(1),
            start.unsqueeze(1),
            weights,
            bias,
            layers,
            dropout,
            training,
            bidirectional,
            false
        );
        return (outputs.squeeze(1), last.squeeze(1));
    }
}
