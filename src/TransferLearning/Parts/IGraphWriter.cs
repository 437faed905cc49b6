using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>A graph of ONNX operators (opset 17) that parts write themselves into.</summary>
public interface IGraphWriter
{
    /// <summary>A tensor that the graph holds: weights, kept rows, numbers.</summary>
    /// <param name="values">
    /// The tensor, of dtype float32, float64, int64 or bool; it must live until the graph is written.
    /// </param>
    GraphValue Constant(Tensor values);

    /// <summary>The result of an operator.</summary>
    /// <param name="name">The operator by its name in ONNX, <c>MatMul</c> for instance.</param>
    /// <param name="inputs">Its inputs, in the order of its definition.</param>
    /// <param name="attributes">
    /// Its attributes: each a <see cref="long"/>, <see cref="double"/>, <see cref="string"/> or <see cref="long"/>[].
    /// </param>
    GraphValue Operator(
        string name,
        IReadOnlyList<GraphValue> inputs,
        params IReadOnlyList<(string Name, object Value)> attributes
    );

    /// <summary>All results of an operator that has several.</summary>
    /// <param name="name">The operator by its name in ONNX, <c>TopK</c> for instance.</param>
    /// <param name="outputs">How many results it has.</param>
    /// <param name="inputs">Its inputs, in the order of its definition.</param>
    /// <param name="attributes">Its attributes, as for <see cref="Operator"/>.</param>
    IReadOnlyList<GraphValue> Operators(
        string name,
        int outputs,
        IReadOnlyList<GraphValue> inputs,
        params IReadOnlyList<(string Name, object Value)> attributes
    );

    /// <summary>
    /// The values in float64, in which fitted maps and predictors compute; where the export asks for single precision,
    /// in float32.
    /// </summary>
    GraphValue Wide(GraphValue value);

    /// <summary>The values in the dtype of others.</summary>
    /// <param name="value">The values.</param>
    /// <param name="original">A part's inputs, or the result of a part.</param>
    GraphValue Like(GraphValue value, GraphValue original);

    /// <summary>The result of a part, or of a module, that stands inside another.</summary>
    /// <remarks>What cannot be written is noted by its name, and all such faults come in one exception.</remarks>
    /// <param name="part">The extractor, predictor or module.</param>
    /// <param name="inputs">What it gets: a part's inputs, or the result of a part.</param>
    /// <param name="name">Its name inside the other, <c>layer1</c> for instance; null for none.</param>
    GraphValue Part(object part, GraphValue inputs, string? name = null);

    /// <summary>
    /// What a value is on a few example rows, which pass every part as it is written: shape and dtype are read off it.
    /// </summary>
    /// <param name="value">A part's inputs, or the result of a part.</param>
    /// <returns>The example <c>[rows, ...]</c>; it belongs to the graph.</returns>
    Tensor ExampleOf(GraphValue value);

    /// <summary>Tells what an operator's result is on the example rows, so that parts may get it.</summary>
    /// <param name="value">The result.</param>
    /// <param name="example">What <see cref="ExampleOf"/> gives for the inputs, computed as the operators do.</param>
    /// <returns>The same result.</returns>
    GraphValue WithExample(GraphValue value, Tensor example);

    /// <summary>Notes that the part which is being written cannot be, and why.</summary>
    /// <param name="reason">What it is that has no operators, and what to do.</param>
    /// <returns>A value to go on with, so that further faults are found.</returns>
    GraphValue Refuse(string reason);
}
