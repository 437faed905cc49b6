using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.SelfSupervision;

/// <summary>
/// A learned dictionary, the result of <see cref="SparseCoding"/>: it maps rows to their codes. It computes in float64
/// and answers in the rows' dtype.
/// </summary>
[SavedPart("sparse-codes")]
public sealed class SparseCodes : IFeatureExtractor, ISavedPart, IGraphPart, IDisposable
{
    private Tensor? dictionary;
    private Tensor? mean;
    private double unit;
    private double sparsity;
    private long iterations;

    private SparseCodes() { }

    internal SparseCodes(Tensor dictionary, Tensor mean, double unit, double sparsity, long iterations)
    {
        this.dictionary = dictionary.contiguous().DetachFromDisposeScope();
        this.mean = mean.contiguous().DetachFromDisposeScope();
        (this.unit, this.sparsity, this.iterations) = (unit, sparsity, iterations);
    }

    /// <summary>
    /// The atoms, no longer than 1, of rows that were taken from their mean and divided by their spread; float64
    /// <c>[k, d]</c>. They belong to the map.
    /// </summary>
    public Tensor Dictionary => dictionary!;

    /// <summary>The codes <c>[n, k]</c>, most of them 0; no gradient flows through them.</summary>
    /// <inheritdoc />
    public Tensor Extract(Tensor inputs)
    {
        Guard.Alive(this, dictionary);
        Guard.Fitted(inputs, dictionary!.shape[1]);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var x = (inputs.to(float64) - mean!) * (1 / unit);
        return Of(x, dictionary, sparsity, iterations, null).to(inputs.dtype).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        // Each iteration of Of has its own operators.
        var gram = dictionary!.matmul(dictionary.t());
        var step = 1 / Math.Max(linalg.eigvalsh(gram).amax().item<double>(), 1e-12);
        var centered = graph.Subtract(graph.Wide(inputs), graph.Constant(mean!));
        var products = graph.Product(graph.Multiply(centered, graph.Number(1 / unit)), dictionary.t());
        var codes = graph.Multiply(products, graph.Number(0));
        var (point, speed) = (codes, 1.0);
        for (long i = 0; i < iterations; i++)
        {
            var slope = graph.Subtract(graph.Product(point, gram), products);
            var moved = graph.Subtract(point, graph.Multiply(slope, graph.Number(step)));
            var length = graph.Subtract(graph.Operator("Abs", [moved]), graph.Number(sparsity * step / 2));
            var next = graph.Multiply(graph.AtLeast(length, 0), graph.Operator("Sign", [moved]));
            var faster = (1 + Math.Sqrt(1 + (4 * speed * speed))) / 2;
            var momentum = graph.Multiply(graph.Subtract(next, codes), graph.Number((speed - 1) / faster));
            point = graph.Add(next, momentum);
            (codes, speed) = (next, faster);
        }
        return graph.Like(codes, inputs);
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("dictionary", ref dictionary);
        state.Slot("mean", ref mean);
        state.Number("unit", ref unit);
        state.Number("sparsity", ref sparsity);
        state.Number("iterations", ref iterations);
    }

    /// <summary>Disposes the dictionary and the mean.</summary>
    public void Dispose()
    {
        dictionary?.Dispose();
        mean?.Dispose();
    }

    /// <summary>
    /// Minimizes <c>|x - a D|^2 + sparsity |a|_1</c> for each row by FISTA. Leaves its result in the caller's scope.
    /// </summary>
    internal static Tensor Of(Tensor x, Tensor dictionary, double sparsity, long iterations, Tensor? start)
    {
        using var scope = NewDisposeScope();
        var gram = dictionary.matmul(dictionary.t());
        var products = x.matmul(dictionary.t());
        // Half of the largest curvature: the step is its inverse.
        var largest = Math.Max(linalg.eigvalsh(gram).amax().item<double>(), 1e-12);
        var codes = start ?? zeros_like(products);
        var (point, speed) = (codes, 1.0);
        for (long i = 0; i < iterations; i++)
        {
            Canceling.Check();
            using var pass = NewDisposeScope();
            var moved = point - ((point.matmul(gram) - products) * (1 / largest));
            var next = (moved.abs() - (sparsity / (2 * largest))).clamp_min(0) * moved.sign();
            var faster = (1 + Math.Sqrt(1 + (4 * speed * speed))) / 2;
            var ahead = next + ((next - codes) * ((speed - 1) / faster));
            // Of all passes the last one's two matrices are kept; where it began stays the caller's.
            if (i > 0)
            {
                codes.Dispose();
                point.Dispose();
            }
            (codes, point, speed) = (next.MoveToOuterDisposeScope(), ahead.MoveToOuterDisposeScope(), faster);
        }
        return codes.MoveToOuterDisposeScope();
    }
}
