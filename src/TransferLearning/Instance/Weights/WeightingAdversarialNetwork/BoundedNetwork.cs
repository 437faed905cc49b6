using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// A network of one hidden layer of rectifiers, <c>relu(x A + a) B + b</c>, whose units' incoming weights and whose
/// layers' biases keep a bounded norm.
/// </summary>
internal sealed class BoundedNetwork : ICheckpointed, IDisposable
{
    private Tensor? hidden; // [d, width]
    private Tensor? hiddenBias; // [width]
    private Tensor? output; // [width, k]
    private Tensor? outputBias; // [k]

    /// <summary>An empty shell, to be loaded.</summary>
    public BoundedNetwork() { }

    /// <summary>A network of given parameters, which it does not copy.</summary>
    public BoundedNetwork(Tensor hidden, Tensor hiddenBias, Tensor output, Tensor outputBias) =>
        (this.hidden, this.hiddenBias, this.output, this.outputBias) = (hidden, hiddenBias, output, outputBias);

    /// <summary>The parameters of a network that is being trained.</summary>
    public IEnumerable<Parameter> Parameters => Tensors.Cast<Parameter>();

    private Tensor[] Tensors => [hidden!, hiddenBias!, output!, outputBias!];

    /// <summary>A network to train, with parameters even in <c>+-1 / sqrt(inputs of the layer)</c>.</summary>
    public static BoundedNetwork Random(Tensor rows, long width, long outputs, RandomKey key)
    {
        using var generator = key.Generator();
        var inputs = rows.shape[1];
        Tensor Draw(long[] shape, long fan) =>
            nn.Parameter(
                (((rand(shape, dtype: float64, generator: generator) * 2) - 1) / Math.Sqrt(fan))
                    .to(rows.dtype)
                    .to(rows.device)
            );
        return new(
            Draw([inputs, width], inputs),
            Draw([width], inputs),
            Draw([width, outputs], width),
            Draw([outputs], width)
        );
    }

    /// <summary>Makes the network answer with one number to all rows, which training can change.</summary>
    public BoundedNetwork StartingAt(double answer)
    {
        using var quiet = no_grad();
        output!.fill_(0);
        outputBias!.fill_(answer);
        return this;
    }

    /// <summary>The answers <c>[n, k]</c>.</summary>
    public Tensor Answer(Tensor rows)
    {
        using var scope = NewDisposeScope();
        var active = nn.functional.relu(Affine(rows, hidden!, hiddenBias!));
        return Affine(active, output!, outputBias!).MoveToOuterDisposeScope();
    }

    /// <summary>Shortens what is longer than the bound: each unit's incoming weights, each layer's biases.</summary>
    public void Project(double bound)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        foreach (var parameter in Tensors)
        {
            var lengths = parameter.square().sum(dim: 0, keepdim: true).sqrt();
            parameter.div_(lengths.clamp_min(bound) / bound);
        }
    }

    /// <summary>A copy without gradients, out of all scopes.</summary>
    public BoundedNetwork Frozen()
    {
        var copies = Tensors.Select(part => part.detach().clone().DetachFromDisposeScope()).ToArray();
        return new(copies[0], copies[1], copies[2], copies[3]);
    }

    /// <summary>Writes the answers as operators, in the dtype of a part's inputs.</summary>
    public GraphValue Write(IGraphWriter graph, GraphValue rows, GraphValue inputs)
    {
        GraphValue Affine(GraphValue rows, Tensor weight, Tensor bias) =>
            graph.Operator(
                "Gemm",
                [rows, graph.Like(graph.Constant(weight), inputs), graph.Like(graph.Constant(bias), inputs)]
            );
        return Affine(graph.Operator("Relu", [Affine(rows, hidden!, hiddenBias!)]), output!, outputBias!);
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        state.Slot("hidden", ref hidden);
        state.Slot("hidden bias", ref hiddenBias);
        state.Slot("output", ref output);
        state.Slot("output bias", ref outputBias);
    }

    /// <summary>Disposes the parameters.</summary>
    public void Dispose()
    {
        foreach (var part in Tensors)
        {
            part?.Dispose();
        }
    }

    private static Tensor Affine(Tensor rows, Tensor weight, Tensor bias) =>
        addmm(bias.to(rows.dtype), rows, weight.to(rows.dtype), beta: 1, alpha: 1);
}
