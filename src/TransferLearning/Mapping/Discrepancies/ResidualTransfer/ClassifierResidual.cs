using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// What leads from the target's scores to the source's in a residual transfer network (RTN): two dense layers over the
/// scores of the classes, added to them.
/// </summary>
/// <remarks>
/// <c>f_S(x) = z + W_2 relu(W_1 z + b_1) + b_2</c>, <c>z = f_T(x)</c> the predictor's scores (Long, Zhu, Wang and
/// Jordan 2016, "Unsupervised Domain Adaptation with Residual Transfer Networks", equation 2). The weights
/// <c>[C, C]</c> are drawn with standard deviation 0.01 and the biases are 0, as in the authors' program: both
/// classifiers start nearly alike. No model holds it: the target is read by z.
/// </remarks>
public sealed class ClassifierResidual : nn.Module<Tensor, Tensor>, IGraphPart
{
    private readonly Linear first;
    private readonly Linear second;

    /// <summary>Makes the layers.</summary>
    /// <param name="classes">The number of classes C.</param>
    public ClassifierResidual(long classes)
        : base(nameof(ClassifierResidual))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        (first, second) = (nn.Linear(classes, classes), nn.Linear(classes, classes));
        RegisterComponents();
        foreach (var layer in new[] { first, second })
        {
            nn.init.normal_(layer.weight!, 0, 0.01);
            nn.init.zeros_(layer.bias!);
        }
    }

    /// <summary>The source's scores <c>[n, C]</c> of the target's scores <c>[n, C]</c>.</summary>
    public override Tensor forward(Tensor input)
    {
        Guard.Fitted(input, first.weight!.shape[1]);
        using var scope = NewDisposeScope();
        return (input + second.call(first.call(input).relu())).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var hidden = graph.Part(first, inputs, nameof(first));
        var active = graph.WithExample(graph.Operator("Relu", [hidden]), graph.ExampleOf(hidden).relu());
        return graph.Add(inputs, graph.Part(second, active, nameof(second)));
    }
}
