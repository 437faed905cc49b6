namespace TransferLearning.Data;

/// <summary>A step asks for rows as a tensor, and they are none.</summary>
internal sealed class RowsNotInMemoryException(string message) : InvalidOperationException(message);
