using TorchSharp.Modules;
using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// One batch normalization during a pass: it normalizes by each batch, and what all batches together have becomes its
/// running statistics.
/// </summary>
internal sealed class PooledNormalization : IDisposable
{
    private readonly BatchNorm layer;
    private readonly double? momentum;
    private readonly Tensor mean; // what the running statistics are to be: the old ones until the pass is complete
    private readonly Tensor variance;
    private readonly Tensor? batches; // how many the layer counts, likewise
    private readonly nn.Module<Tensor, Tensor>.HookRemover hook;
    private long values;
    private Moments? all;

    public PooledNormalization(BatchNorm layer)
    {
        (this.layer, momentum) = (layer, layer.momentum);
        (mean, variance) = (layer.running_mean!.clone(), layer.running_var!.clone());
        batches = layer.num_batches_tracked?.clone().DetachFromDisposeScope();
        mean.DetachFromDisposeScope();
        variance.DetachFromDisposeScope();
        layer.reset_running_stats();
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
            return; // the batch left this layer out
        }
        using var scope = NewDisposeScope();
        var batch = new Moments(
            values,
            mean.dtype,
            layer.running_mean!.to(float64, copy: true),
            layer.running_var!.to(float64) * (values - 1)
        );
        if (all is null)
        {
            (all, _, _) = (batch, batch.Mean.DetachFromDisposeScope(), batch.Scatter.DetachFromDisposeScope());
        }
        else
        {
            all.Absorb(batch);
        }
        values = 0;
    }

    /// <summary>Takes the statistics of all batches for the layer's.</summary>
    public void Keep()
    {
        if (all is not null)
        {
            using var scope = NewDisposeScope();
            mean.copy_(all.Mean);
            variance.copy_(all.Covariance);
            batches?.copy_(layer.num_batches_tracked!);
        }
    }

    /// <summary>Gives the layer its statistics, momentum and evaluation mode.</summary>
    public void Dispose()
    {
        hook.remove();
        layer.momentum = momentum;
        layer.eval();
        layer.running_mean!.copy_(mean);
        layer.running_var!.copy_(variance);
        layer.num_batches_tracked?.copy_(batches!);
        mean.Dispose();
        variance.Dispose();
        batches?.Dispose();
        all?.Mean.Dispose();
        all?.Scatter.Dispose();
    }
}
