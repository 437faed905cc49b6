using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>A fitted <see cref="CodeLikelihood"/>: it keeps the labeled codes, class by class.</summary>
[SavedPart("code-predictor")]
public sealed class CodePredictor : ILabelPredictor, ISavedPart, IGraphPart, IDisposable
{
    // What a class without rows scores: its probability is 0.
    private const double Absent = -1e30;

    private Tensor? codes; // float64 [n, bits], sorted by class
    private Tensor? logShares; // float64 [n], of the rows' class
    private Tensor? counts; // int64 [C] on the CPU
    private long binary;

    private CodePredictor() { }

    internal CodePredictor(LabeledDomain data, bool isBinary)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        binary = isBinary ? 1 : 0;
        var weights = RelativeWeights.Of(data);
        var rows = weights.gt(0).nonzero().squeeze(1);
        // By class, and in each class as they stand.
        var places = (data.Labels.index_select(0, rows) * data.Count) + rows;
        var order = rows.index_select(0, places.argsort());
        var labels = data.Labels.index_select(0, order);
        var wide = data.Inputs.detach().index_select(0, order.to(data.Inputs.device)).to(float64);
        var members = nn.functional.one_hot(labels, data.Space.Width).to(float64);
        var kept = weights.index_select(0, order);
        var ofClass = kept.unsqueeze(0).matmul(members).squeeze(0);
        codes = (isBinary ? HashCodes.SignsOf(wide) : wide).contiguous().DetachFromDisposeScope();
        logShares = (kept / ofClass.index_select(0, labels)).log().DetachFromDisposeScope();
        counts = members.sum(dim: 0).to(int64).cpu().DetachFromDisposeScope();
    }

    /// <summary>The number of bits.</summary>
    public long Bits => codes!.shape[1];

    /// <inheritdoc />
    public ScoreKind ScoreKind => ScoreKind.Logits;

    /// <summary>
    /// The logarithms of each class's mean likelihood <c>[n, classes]</c>; -1e30 for a class without rows.
    /// </summary>
    /// <inheritdoc />
    public Tensor Predict(Tensor features)
    {
        Guard.Alive(this, codes);
        Guard.Fitted(features, codes!.shape[1]);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var parts = new List<Tensor>();
        foreach (var (start, count) in SquaredDistances.Blocks(features.shape[0], codes))
        {
            Canceling.Check();
            parts.Add(Some(features.narrow(0, start, count)));
        }
        return cat([.. parts]).to(features.dtype).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var rows = graph.Wide(inputs);
        if (binary == 1)
        {
            var negative = graph.Operator("Less", [rows, graph.Number(0)]);
            rows = graph.Operator("Where", [negative, graph.Number(-1), graph.Number(1)]);
        }
        var products = graph.Add(graph.Product(rows, codes!.t()), graph.Constant(logShares!));
        var scores = new List<GraphValue>();
        foreach (var (start, count) in Classes())
        {
            if (count == 0)
            {
                var first = graph.Select(products, graph.Constant(tensor(new[] { 0L })), 1);
                scores.Add(graph.Add(graph.Multiply(first, graph.Number(0)), graph.Number(Absent)));
                continue;
            }
            var own = graph.Select(products, graph.Constant(arange(start, start + count, dtype: int64)), 1);
            scores.Add(graph.Operator("ReduceLogSumExp", [own], ("axes", new[] { 1L }), ("keepdims", 1L)));
        }
        return graph.Like(graph.Beside([.. scores]), inputs);
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("codes", ref codes);
        state.Slot("log shares", ref logShares);
        state.Slot("counts", ref counts);
        state.Number("binary", ref binary);
    }

    /// <summary>Disposes the kept codes.</summary>
    public void Dispose()
    {
        codes?.Dispose();
        logShares?.Dispose();
        counts?.Dispose();
    }

    private Tensor Some(Tensor features)
    {
        using var scope = NewDisposeScope();
        var rows = features.detach().to(float64);
        var products = (binary == 1 ? HashCodes.SignsOf(rows) : rows).matmul(codes!.t()) + logShares!;
        var scores = new List<Tensor>();
        foreach (var (start, count) in Classes())
        {
            Canceling.Check();
            scores.Add(
                count == 0
                    ? full([rows.shape[0]], Absent, float64, rows.device)
                    : products.narrow(1, start, count).logsumexp(1)
            );
        }
        return stack([.. scores], 1).MoveToOuterDisposeScope();
    }

    private List<(long Start, long Count)> Classes()
    {
        using var scope = NewDisposeScope();
        var all = new List<(long, long)>();
        long start = 0;
        foreach (var count in counts!.cpu().data<long>().ToArray())
        {
            all.Add((start, count));
            start += count;
        }
        return all;
    }
}
