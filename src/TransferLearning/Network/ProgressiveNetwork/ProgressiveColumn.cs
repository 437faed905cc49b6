using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// A column of a progressive network: it learns a new task while earlier columns, frozen, feed their features in
/// sideways.
/// </summary>
/// <remarks>
/// Nothing that an earlier column knows can be forgotten (Rusu et al. 2016, "Progressive Neural Networks", equation 2).
/// Earlier columns are registered as frozen submodules, so that they are saved with this one; they stay in evaluation
/// mode and take no gradients. A first column has no earlier ones.
/// </remarks>
public sealed class ProgressiveColumn : nn.Module<Tensor, Tensor>, IGraphPart
{
    private readonly IReadOnlyList<ProgressiveLayer> layers;
    private readonly IReadOnlyList<ProgressiveColumn> earlier;

    /// <summary>Builds a column.</summary>
    /// <param name="layers">Its layers, in order.</param>
    /// <param name="earlier">The columns before it, of as many layers; they are frozen.</param>
    /// <exception cref="ArgumentException">
    /// A layer has another number of laterals than there are earlier columns (none in the first layer).
    /// </exception>
    public ProgressiveColumn(IReadOnlyList<ProgressiveLayer> layers, params IReadOnlyList<ProgressiveColumn> earlier)
        : base(nameof(ProgressiveColumn))
    {
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentNullException.ThrowIfNull(earlier);
        (this.layers, this.earlier) = (layers, earlier);
        for (var i = 0; i < layers.Count; i++)
        {
            var expected = i == 0 ? 0 : earlier.Count;
            if (layers[i].Laterals.Count != expected)
            {
                throw new ArgumentException(
                    $"layer {i} needs {expected} lateral adapter(s), one for each earlier column and none in the "
                        + $"first layer; it has {layers[i].Laterals.Count}.",
                    nameof(layers)
                );
            }
            Register(i, layers[i]);
        }
        for (var i = 0; i < earlier.Count; i++)
        {
            if (earlier[i].layers.Count != layers.Count)
            {
                throw new ArgumentException(
                    $"column {i} has {earlier[i].layers.Count} layers, the new one {layers.Count}; columns must "
                        + "have as many.",
                    nameof(earlier)
                );
            }
            register_module($"column{i}", earlier[i]);
            foreach (var parameter in earlier[i].parameters())
            {
                parameter.requires_grad = false;
            }
        }
        train(training);
    }

    /// <inheritdoc />
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return Activations(input)[^1].MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs) => Written(graph, inputs)[^1];

    /// <summary>The output of every layer. Opens no scope.</summary>
    public IReadOnlyList<Tensor> Activations(Tensor input)
    {
        var sideways = Sideways(input);
        var outputs = new Tensor[layers.Count];
        for (var i = 0; i < layers.Count; i++)
        {
            var sum = layers[i].Transform.call(i == 0 ? input : outputs[i - 1]);
            for (var j = 0; j < layers[i].Laterals.Count; j++)
            {
                sum += layers[i].Laterals[j].call(sideways[j][i - 1]);
            }
            outputs[i] = layers[i].Activation?.call(sum) ?? sum;
        }
        return outputs;
    }

    /// <summary>Training mode reaches this column only.</summary>
    public override void train(bool on = true)
    {
        base.train(on);
        foreach (var column in earlier ?? [])
        {
            column.eval();
        }
    }

    // The operators of every layer, as Activations computes them.
    private GraphValue[] Written(IGraphWriter graph, GraphValue inputs)
    {
        var sideways = earlier.Select(column => column.Written(graph, inputs)).ToList();
        var outputs = new GraphValue[layers.Count];
        for (var i = 0; i < layers.Count; i++)
        {
            var sum = graph.Part(layers[i].Transform, i == 0 ? inputs : outputs[i - 1], $"layer{i}");
            for (var j = 0; j < layers[i].Laterals.Count; j++)
            {
                var lateral = graph.Part(layers[i].Laterals[j], sideways[j][i - 1], $"lateral{i}_{j}");
                var example = graph.ExampleOf(sum) + graph.ExampleOf(lateral);
                sum = graph.WithExample(graph.Add(sum, lateral), example);
            }
            outputs[i] = layers[i].Activation is { } activation ? graph.Part(activation, sum, $"activation{i}") : sum;
        }
        return outputs;
    }

    private List<IReadOnlyList<Tensor>> Sideways(Tensor input)
    {
        using var quiet = no_grad();
        return [.. earlier.Select(column => column.Activations(input))];
    }

    private void Register(int number, ProgressiveLayer layer)
    {
        register_module($"layer{number}", layer.Transform);
        if (layer.Activation is not null)
        {
            register_module($"activation{number}", layer.Activation);
        }
        for (var j = 0; j < layer.Laterals.Count; j++)
        {
            register_module($"lateral{number}_{j}", layer.Laterals[j]);
        }
    }
}
