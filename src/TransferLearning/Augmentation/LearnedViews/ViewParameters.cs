using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>
/// The trained numbers of a learned view: strengths between -1 and 1 for each row, drawn by one rule or given by a
/// network.
/// </summary>
internal sealed class ViewParameters : nn.Module
{
    private readonly Parameter? widths;
    private readonly nn.Module<Tensor, Tensor>? network;

    public ViewParameters(long count, nn.Module<Tensor, Tensor>? network)
        : base(nameof(ViewParameters))
    {
        Count = count;
        this.network = network;
        // Half of the bounds at first: of a width of 0 no draw has a slope.
        widths = network is null ? nn.Parameter(full(count, Math.Atanh(0.5), float32)) : null;
        RegisterComponents();
    }

    /// <summary>How many strengths a row has.</summary>
    public long Count { get; }

    /// <summary>The strengths <c>[n, count]</c> of some rows. Opens no scope.</summary>
    public Tensor Strengths(Tensor inputs, RandomKey key)
    {
        var n = inputs.shape[0];
        if (network is null)
        {
            return widths!.to(inputs.dtype, inputs.device).tanh() * ((RowDraws.Uniform(inputs, key, n, Count) * 2) - 1);
        }
        var raw = network.call(inputs);
        return raw.dim() == 2 && raw.shape[0] == n && raw.shape[1] == Count
            ? raw.tanh()
            : throw new ArgumentException(
                $"the network of a learned view must give {Count} numbers a row, [{n}, {Count}]; it gave "
                    + $"{Shape.Text(raw.shape)}.",
                nameof(inputs)
            );
    }
}
