using System.Runtime.CompilerServices;
using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>
/// Batch normalization by the rows of all processes: as long as this lives, the layers of a network take the statistics
/// of the whole batch, not those of this process's part.
/// </summary>
/// <remarks>
/// <para>
/// In training mode a layer computes <c>y = (x - mean) / sqrt(var + eps) w + b</c> with mean and variance over the rows
/// of all processes, and its running statistics follow these; the gradient of the statistics is added up over the
/// processes, too. P processes of b rows therefore are one process of P b rows, up to rounding (Peng, Xiao, Li, Jiang,
/// Zhang, Jia, Yu and Sun 2018, "MegDet: A Large Mini-Batch Object Detector", section 4.2). In evaluation mode nothing
/// changes. A pass sends <c>2 c + 1</c> numbers of each process for a layer of c channels, and its backward pass as
/// many.
/// </para>
/// <para>
/// The layers stay where they are in the network, with their names, parameters and modes: model files and exports are
/// those of the network without it. Every process passes the same layers in the same order, as it does in a training
/// that is shared by <see cref="FitOptions.Group"/>. One thread passes at a time.
/// </para>
/// </remarks>
public sealed class SynchronizedNormalization : IDisposable
{
    private static readonly ConditionalWeakTable<BatchNorm, object> Taken = [];

    private readonly List<Layer> layers;

    /// <summary>Joins the batch normalizations of a network with those of the other processes.</summary>
    /// <param name="network">A network with layers <c>BatchNorm1d</c>, <c>2d</c> or <c>3d</c>, or such a layer.</param>
    /// <param name="group">The processes.</param>
    /// <exception cref="ArgumentException">
    /// The network has no batch normalization, or one that is synchronized already.
    /// </exception>
    public SynchronizedNormalization(nn.Module network, ITrainingGroup group)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(group);
        var found = Modes.Of(network).OfType<BatchNorm>().Distinct(ReferenceEqualityComparer.Instance).ToList();
        if (found.Count == 0)
        {
            throw new ArgumentException(
                "the network has no batch normalization: put BatchNorm1d, 2d or 3d into it, or leave this out.",
                nameof(network)
            );
        }
        if (found.Cast<BatchNorm>().Any(IsSynchronized))
        {
            throw new ArgumentException(
                "a batch normalization of the network is synchronized already: dispose what does it first.",
                nameof(network)
            );
        }
        layers = [.. found.Cast<BatchNorm>().Select(layer => new Layer(layer, group))];
        layers.ForEach(layer => Taken.Add(layer.Of, layer));
    }

    /// <summary>How many layers are synchronized.</summary>
    public int Count => layers.Count;

    /// <summary>Whether a layer takes the statistics of all processes.</summary>
    internal static bool IsSynchronized(BatchNorm layer) => Taken.TryGetValue(layer, out _);

    /// <summary>Gives the layers back their own statistics; running ones stay as they are.</summary>
    public void Dispose()
    {
        foreach (var layer in layers)
        {
            layer.Dispose();
            Taken.Remove(layer.Of);
        }
        layers.Clear();
    }

    // The layer itself is passed two rows of what comes in, so that it checks them and counts its batches; its output
    // gives way to that of the whole batch, and its running statistics are put back before they follow it.
    private sealed class Layer : IDisposable
    {
        private readonly ITrainingGroup group;
        private readonly nn.Module<Tensor, Tensor>.HookRemover before;
        private readonly nn.Module<Tensor, Tensor>.HookRemover after;
        private (Tensor Input, Tensor? Mean, Tensor? Variance)? passing;

        public Layer(BatchNorm layer, ITrainingGroup group)
        {
            (Of, this.group) = (layer, group);
            before = layer.register_forward_pre_hook((_, input) => Begin(input));
            after = layer.register_forward_hook((_, _, output) => End(output));
        }

        public BatchNorm Of { get; }

        public void Dispose()
        {
            before.remove();
            after.remove();
        }

        private Tensor Begin(Tensor input)
        {
            passing = null;
            if (!Of.training || input.dim() < 2 || input.shape[0] == 0 || input.shape[1] != Of.num_features)
            {
                return input; // nothing to do, or the layer's own error
            }
            using var quiet = no_grad();
            passing = (input, Of.running_mean?.clone(), Of.running_var?.clone());
            var row = input.detach().narrow(0, 0, 1);
            return cat([row, row]);
        }

        private Tensor End(Tensor output)
        {
            if (passing is not { } pass)
            {
                return output;
            }
            passing = null;
            using var scope = NewDisposeScope();
            var (mean, variance, count) = Statistics(pass.Input);
            Follow(pass.Mean, pass.Variance, mean, variance, count);
            long[] channels = [1, -1, .. Enumerable.Repeat(1L, (int)pass.Input.dim() - 2)];
            var given = pass.Input.dtype;
            // As the layer itself does: 16 bits are for the rows, not for their statistics.
            var type = given is ScalarType.Float16 or ScalarType.BFloat16 ? float32 : given;
            var factor = (variance + Of.eps).rsqrt();
            var centered = pass.Input.to(type) - mean.to(type).reshape(channels);
            var scaled = centered * factor.to(type).reshape(channels);
            var result = Of.affine ? (scaled * Of.weight.reshape(channels)) + Of.bias!.reshape(channels) : scaled;
            output.Dispose();
            pass.Mean?.Dispose();
            pass.Variance?.Dispose();
            return result.to(given).MoveToOuterDisposeScope();
        }

        // Mean and variance over all processes, [c] in float64 with their graph, and how many values a channel has.
        private (Tensor Mean, Tensor Variance, Tensor Count) Statistics(Tensor input)
        {
            long[] others = [0, .. Enumerable.Range(2, (int)input.dim() - 2).Select(axis => (long)axis)];
            var c = input.shape[1];
            var wide = input.to(float64);
            var ownMean = wide.mean(others, keepdim: true);
            var ownScatter = (wide - ownMean).square().sum(others);
            var ownCount = full([1], (double)(input.numel() / c), float64, input.device);
            var own = cat([ownMean.reshape(c), ownScatter, ownCount]).unsqueeze(0);
            var all = SumOverProcesses.Of(Placed(own), group);
            var (means, scatters) = (all.narrow(1, 0, c), all.narrow(1, c, c));
            var counts = all.narrow(1, 2 * c, 1).detach();
            var count = counts.sum();
            var mean = (means * counts).sum(dim: 0) / count;
            var variance = (scatters + ((means - mean).square() * counts)).sum(dim: 0) / count;
            return (mean, variance, count);
        }

        // This process's row among zeros, [processes, 2 c + 1].
        private Tensor Placed(Tensor own)
        {
            Tensor Zeros(long rows) => zeros([rows, own.shape[1]], float64, own.device);
            return cat([Zeros(group.Rank), own, Zeros(group.Size - 1 - group.Rank)]);
        }

        private void Follow(Tensor? mean, Tensor? variance, Tensor newMean, Tensor newVariance, Tensor count)
        {
            if (Of.running_mean is not { } runningMean || Of.running_var is not { } runningVariance)
            {
                return;
            }
            using var quiet = no_grad();
            using var scope = NewDisposeScope();
            // Without a momentum all batches count alike; the layer has counted this one already.
            Tensor Next(Tensor old, Tensor found) =>
                Of.momentum is { } momentum
                    ? old + ((found - old) * momentum)
                    : old + ((found - old) / Of.num_batches_tracked!);
            runningMean.copy_(Next(mean!, newMean.detach()));
            runningVariance.copy_(Next(variance!, newVariance.detach() * (count / (count - 1).clamp_min(1))));
        }
    }
}
