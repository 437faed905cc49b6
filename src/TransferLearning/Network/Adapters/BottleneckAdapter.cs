using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// A bottleneck adapter, to be put behind a layer of a frozen network: it passes its input on, and adds a correction
/// that learns.
/// </summary>
/// <remarks>
/// <c>y = x + U gelu(D x + d) + u</c>, D <c>[hidden, width]</c> and U <c>[width, hidden]</c> drawn from a normal
/// distribution that is cut at two of its small standard deviations and d, u 0 at first, so that the network starts
/// nearly as it was (Houlsby et al. 2019, "Parameter-Efficient Transfer Learning for NLP"; the activation, by its
/// approximation with tanh, and the start are those of their program). Of the last dimension of any input.
/// </remarks>
public sealed class BottleneckAdapter : nn.Module<Tensor, Tensor>, IAdapted, IGraphPart
{
    // The share of a normal distribution that lies within two standard deviations.
    private const double Within = 0.9544997361036416;

    private readonly Linear reduce;
    private readonly GELU activate;
    private readonly Linear expand;

    /// <summary>Makes an adapter.</summary>
    /// <param name="width">The width of its input.</param>
    /// <param name="hidden">The width in between; the authors try 8 to 256.</param>
    /// <param name="spread">
    /// The standard deviation of the first values of D and U, positive. Default 0.001, the authors' program's; the
    /// paper has 0.01.
    /// </param>
    public BottleneckAdapter(long width, long hidden, double spread = 1e-3)
        : base(nameof(BottleneckAdapter))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(hidden, 1);
        Guard.Positive(spread);
        (reduce, expand) = (nn.Linear(width, hidden), nn.Linear(hidden, width));
        activate = nn.GELU(GELU.Approximate.tanh);
        RegisterComponents();
        using var quiet = no_grad();
        foreach (var layer in new[] { reduce, expand })
        {
            layer.weight!.uniform_(-Within, Within).erfinv_().mul_(spread * Math.Sqrt(2));
            layer.bias!.zero_();
        }
    }

    /// <inheritdoc />
    public IReadOnlyList<Parameter> Added => [.. parameters()];

    /// <inheritdoc />
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return (input + expand.call(activate.call(reduce.call(input)))).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var reduced = graph.Part(reduce, inputs, nameof(reduce));
        var active = graph.Part(activate, reduced, nameof(activate));
        return graph.Add(inputs, graph.Part(expand, active, nameof(expand)));
    }
}
