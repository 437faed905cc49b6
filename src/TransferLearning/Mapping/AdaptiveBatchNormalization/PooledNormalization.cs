using TorchSharp.Modules;
using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>One batch normalisation during a pass: it normalises by each batch, and what all batches together have becomes its running statistics.</summary>
internal sealed class PooledNormalization : IDisposable
{
    private readonly BatchNorm layer;
    private readonly double? momentum;
    private readonly nn.Module<Tensor, Tensor>.HookRemover hook;
    private long values;
    private Moments? all;

    public PooledNormalization(BatchNorm layer)
    {
        (this.layer, momentum) = (layer, layer.momentum);
        hook = layer.register_forward_pre_hook(
            (_, input) =>
            {
                values = input.numel() / input.shape[1];
                return input;
            }
        );
        layer.momentum = 1; // running statistics are the last batch's
        layer.train();
    }

    /// <summary>Takes in the batch that has just passed.</summary>
    public void Absorb()
    {
        if (values == 0)
        {
            return; // the pass left this layer out
        }
        using var scope = NewDisposeScope();
        var (mean, variance) = (layer.running_mean!.to(float64), layer.running_var!.to(float64));
        var batch = new Moments(values, layer.running_mean!.dtype, mean.clone(), variance * (values - 1));
        if (all is null)
        {
            (all, _, _) = (batch, batch.Mean.DetachFromDisposeScope(), batch.Scatter.DetachFromDisposeScope());
        }
        else
        {
            all.Absorb(batch);
        }
    }

    /// <summary>Writes the statistics of all batches and gives the layer its momentum and evaluation mode back.</summary>
    public void Dispose()
    {
        hook.remove();
        layer.momentum = momentum;
        layer.eval();
        if (all is not null)
        {
            using var scope = NewDisposeScope();
            layer.running_mean!.copy_(all.Mean);
            layer.running_var!.copy_(all.Covariance);
            all.Mean.Dispose();
            all.Scatter.Dispose();
        }
    }
}
