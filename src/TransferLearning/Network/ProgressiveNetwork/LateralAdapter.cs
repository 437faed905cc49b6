using TorchSharp;
using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// A lateral connection between columns: <c>U relu(V (a h))</c>, a learned scale, a reduction and a projection.
/// </summary>
/// <remarks>Rusu et al. 2016, "Progressive Neural Networks", section 2: the adapter. The scale starts at 1.</remarks>
public sealed class LateralAdapter : nn.Module<Tensor, Tensor>, IGraphPart
{
    private readonly Parameter scale;
    private readonly nn.Module<Tensor, Tensor> reduce;
    private readonly nn.Module<Tensor, Tensor> project;

    private LateralAdapter(nn.Module<Tensor, Tensor> reduce, nn.Module<Tensor, Tensor> project)
        : base(nameof(LateralAdapter))
    {
        scale = nn.Parameter(ones(1));
        (this.reduce, this.project) = (reduce, project);
        RegisterComponents();
    }

    /// <summary>An adapter between dense layers.</summary>
    /// <param name="inputs">The width of the earlier column's layer.</param>
    /// <param name="hidden">The width in between.</param>
    /// <param name="outputs">The width of the layer that it feeds.</param>
    public static LateralAdapter Dense(long inputs, long hidden, long outputs) =>
        new(nn.Linear(inputs, hidden), nn.Linear(hidden, outputs, hasBias: false));

    /// <summary>
    /// An adapter between convolutions: a 1x1 reduction, then a convolution of the fed layer's geometry.
    /// </summary>
    /// <param name="inputs">The channels of the earlier column's layer.</param>
    /// <param name="hidden">The channels in between.</param>
    /// <param name="outputs">The channels of the layer that it feeds.</param>
    /// <param name="kernel">The kernel size of the layer that it feeds.</param>
    /// <param name="stride">Its stride.</param>
    /// <param name="padding">Its padding.</param>
    public static LateralAdapter Convolutional(
        long inputs,
        long hidden,
        long outputs,
        long kernel,
        long stride = 1,
        long padding = 0
    ) =>
        new(
            nn.Conv2d(inputs, hidden, 1),
            nn.Conv2d(hidden, outputs, kernel, stride: stride, padding: padding, bias: false)
        );

    /// <inheritdoc />
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return project.call(nn.functional.relu(reduce.call(input * scale))).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var scaled = graph.Multiply(inputs, graph.Constant(scale));
        var reduced = graph.Part(reduce, graph.WithExample(scaled, graph.ExampleOf(inputs) * scale), nameof(reduce));
        var active = graph.WithExample(graph.Operator("Relu", [reduced]), graph.ExampleOf(reduced).relu());
        return graph.Part(project, active, nameof(project));
    }
}
