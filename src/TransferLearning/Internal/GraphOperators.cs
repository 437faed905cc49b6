using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>The operators that fitted maps and predictors write most, by short names.</summary>
internal static class GraphOperators
{
    public static GraphValue Number(this IGraphWriter graph, double number) =>
        graph.Constant(tensor(number, dtype: float64));

    public static GraphValue Add(this IGraphWriter graph, GraphValue left, GraphValue right) =>
        graph.Operator("Add", [left, right]);

    public static GraphValue Subtract(this IGraphWriter graph, GraphValue left, GraphValue right) =>
        graph.Operator("Sub", [left, right]);

    public static GraphValue Multiply(this IGraphWriter graph, GraphValue left, GraphValue right) =>
        graph.Operator("Mul", [left, right]);

    public static GraphValue Divide(this IGraphWriter graph, GraphValue left, GraphValue right) =>
        graph.Operator("Div", [left, right]);

    public static GraphValue Product(this IGraphWriter graph, GraphValue left, Tensor right) =>
        graph.Operator("MatMul", [left, graph.Constant(right)]);

    /// <summary>Values, not below a number.</summary>
    public static GraphValue AtLeast(this IGraphWriter graph, GraphValue value, double least) =>
        graph.Operator("Max", [value, graph.Number(least)]);

    /// <summary>Columns beside each other.</summary>
    public static GraphValue Beside(this IGraphWriter graph, params IReadOnlyList<GraphValue> parts) =>
        graph.Operator("Concat", parts, ("axis", 1L));

    /// <summary>Rows <c>[n, d]</c> or columns of a table by their numbers.</summary>
    public static GraphValue Select(this IGraphWriter graph, GraphValue table, GraphValue numbers, long axis) =>
        graph.Operator("Gather", [table, numbers], ("axis", axis));

    /// <summary>The sum of each row, <c>[n, 1]</c>.</summary>
    public static GraphValue RowSum(this IGraphWriter graph, GraphValue rows) =>
        graph.Operator("ReduceSum", [rows, graph.Constant(tensor(new[] { 1L }))], ("keepdims", 1L));

    /// <summary>The Euclidean length of each row, <c>[n, 1]</c>.</summary>
    public static GraphValue RowLength(this IGraphWriter graph, GraphValue rows) =>
        graph.Operator("Sqrt", [graph.Operator("ReduceSumSquare", [rows], ("axes", new[] { 1L }), ("keepdims", 1L))]);

    /// <summary>Rows of unit length; a shorter one than the least is divided by the least.</summary>
    public static GraphValue UnitRows(this IGraphWriter graph, GraphValue rows, double least) =>
        graph.Divide(rows, graph.AtLeast(graph.RowLength(rows), least));

    /// <summary>The number of the largest or least value of each row, int64 <c>[n]</c>.</summary>
    public static GraphValue Best(this IGraphWriter graph, GraphValue rows, bool isLargest = true) =>
        graph.Operator(isLargest ? "ArgMax" : "ArgMin", [rows], ("axis", 1L), ("keepdims", 0L));

    /// <summary>A batch normalization by statistics that stand.</summary>
    public static GraphValue Normalize(
        this IGraphWriter graph,
        GraphValue inputs,
        Tensor mean,
        Tensor variance,
        Tensor? weight,
        Tensor? bias,
        double epsilon
    ) =>
        graph.Operator(
            "BatchNormalization",
            [
                inputs,
                graph.Constant(weight ?? ones_like(mean)),
                graph.Constant(bias ?? zeros_like(mean)),
                graph.Constant(mean),
                graph.Constant(variance),
            ],
            ("epsilon", epsilon)
        );

    /// <summary>
    /// The probability of each of several labels, as <see cref="Probabilities.OfLabels"/> makes them.
    /// </summary>
    public static GraphValue LabelShares(this IGraphWriter graph, GraphValue scores, ScoreKind kind) =>
        kind switch
        {
            ScoreKind.Logits => graph.Operator("Sigmoid", [scores]),
            ScoreKind.Probabilities => scores,
            _ => graph.Refuse("no label's probability follows from its scores."),
        };

    /// <summary>
    /// Class probabilities from scores of a declared kind, as <see cref="Probabilities"/> makes them.
    /// </summary>
    public static GraphValue Shares(this IGraphWriter graph, GraphValue scores, ScoreKind kind, long classes)
    {
        switch (kind)
        {
            case ScoreKind.Logits:
                return graph.Operator("Softmax", [scores], ("axis", 1L));
            case ScoreKind.Votes:
                var least = graph.Operator("ReduceMin", [scores], ("axes", new[] { 1L }), ("keepdims", 1L));
                var lifted = graph.Subtract(scores, graph.Operator("Min", [least, graph.Number(0)]));
                var sum = graph.RowSum(lifted);
                var isVoted = graph.Operator("Greater", [sum, graph.Number(0)]);
                return graph.Operator("Where", [isVoted, graph.Divide(lifted, sum), graph.Number(1.0 / classes)]);
            case ScoreKind.Probabilities:
                return graph.AtLeast(scores, 0);
            default:
                return graph.Refuse("it gives values, not scores of classes, so there are no probabilities.");
        }
    }
}
