using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// A bottleneck adapter, to be put behind a layer of a frozen network: it passes its input on, and adds a correction
/// that learns.
/// </summary>
/// <remarks>
/// <c>y = x + U relu(D x)</c>, D <c>[hidden, width]</c> drawn and U <c>[width, hidden]</c> 0 at first, so that the
/// network starts as it was (Houlsby et al. 2019, "Parameter-Efficient Transfer Learning for NLP"). Of the last
/// dimension of any input.
/// </remarks>
public sealed class BottleneckAdapter : nn.Module<Tensor, Tensor>, IAdapted, IGraphPart
{
    private readonly Linear reduce;
    private readonly Linear expand;

    /// <summary>Makes an adapter.</summary>
    /// <param name="width">The width of its input.</param>
    /// <param name="hidden">The width in between; the authors try 8 to 256.</param>
    public BottleneckAdapter(long width, long hidden)
        : base(nameof(BottleneckAdapter))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(hidden, 1);
        (reduce, expand) = (nn.Linear(width, hidden), nn.Linear(hidden, width));
        RegisterComponents();
        using var quiet = no_grad();
        expand.weight!.zero_();
        expand.bias!.zero_();
    }

    /// <inheritdoc />
    public IReadOnlyList<Parameter> Added => [.. parameters()];

    /// <inheritdoc />
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return input.Plus(expand.call(nn.functional.relu(reduce.call(input)))).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var reduced = graph.Part(reduce, inputs, nameof(reduce));
        var active = graph.WithExample(graph.Operator("Relu", [reduced]), graph.ExampleOf(reduced).relu());
        return graph.Add(inputs, graph.Part(expand, active, nameof(expand)));
    }
}
