namespace TransferLearning;

/// <summary>A value in a graph of operators that is being written: the graph's input or an operator's output.</summary>
/// <param name="Name">Its name in the graph.</param>
public readonly record struct GraphValue(string Name);
