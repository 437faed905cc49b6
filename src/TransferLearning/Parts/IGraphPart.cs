namespace TransferLearning;

/// <summary>
/// A part, or a module, that can write what it computes as a graph of ONNX operators, so that programs without this
/// library can predict by it.
/// </summary>
/// <remarks>
/// The library's maps, predictors and layers are such parts; one of your own becomes one by this interface. The package
/// <c>TransferLearning.Onnx</c> knows TorchSharp's layers and writes the file. A module is written as it computes in
/// evaluation mode.
/// </remarks>
public interface IGraphPart
{
    /// <summary>Writes the operators that compute this part's result.</summary>
    /// <param name="graph">The graph; values that it gives are of this graph alone.</param>
    /// <param name="inputs">What the part gets, <c>[n, ...]</c> with any number n of rows.</param>
    /// <returns>The part's result, of the dtype that the part itself answers in.</returns>
    GraphValue Write(IGraphWriter graph, GraphValue inputs);
}
