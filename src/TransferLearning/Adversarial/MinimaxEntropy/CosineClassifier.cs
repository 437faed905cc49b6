using TorchSharp;
using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// A classifier of directions: features of length 1 times one weight vector a class, divided by a temperature.
/// </summary>
/// <remarks>
/// <c>z_c = w_c . f / (||f|| T)</c> without a bias (Chen et al. 2019, "A Closer Look at Few-shot Classification"; Saito
/// et al. 2019): the weights are prototypes of the classes, and a low temperature makes predictions sure although a
/// cosine is at most 1. The weights are not brought to length 1, as in the authors' program.
/// </remarks>
public sealed class CosineClassifier : nn.Module<Tensor, Tensor>, IGraphPart
{
    private readonly double temperature;
    private readonly Parameter weight;

    /// <summary>Makes a classifier with weights drawn by Xavier's normal distribution.</summary>
    /// <param name="features">The number of features d.</param>
    /// <param name="classes">The number of classes C.</param>
    /// <param name="temperature">The temperature T, positive. Default 0.05, the authors'.</param>
    public CosineClassifier(long features, long classes, double temperature = 0.05)
        : base(nameof(CosineClassifier))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        Guard.Positive(temperature);
        this.temperature = temperature;
        weight = nn.Parameter(nn.init.xavier_normal_(empty(classes, features)));
        RegisterComponents();
    }

    /// <summary>The scores <c>[n, C]</c> of features <c>[n, d]</c>; a row of zeros gives zeros.</summary>
    public override Tensor forward(Tensor input)
    {
        Guard.Fitted(input, weight.shape[1]);
        using var scope = NewDisposeScope();
        var unit = nn.functional.normalize(input, 2, 1, Least(input.dtype));
        return (nn.functional.linear(unit, weight) * (1 / temperature)).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        // As normalize does, which divides a row by the least length.
        var length = graph.RowLength(inputs);
        var least = graph.Like(graph.Number(Least(graph.ExampleOf(inputs).dtype)), inputs);
        var unit = graph.Divide(inputs, graph.Operator("Max", [length, least]));
        return graph.Product(unit, weight.t() * (1 / temperature));
    }

    // What a row is divided by at least: in float16, whose 1e-12 is 0, the least number of full precision.
    private static double Least(ScalarType type) => type == ScalarType.Float16 ? 6.103515625e-5 : 1e-12;
}
