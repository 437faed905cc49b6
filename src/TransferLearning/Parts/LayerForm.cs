namespace TransferLearning;

/// <summary>How the output of a tapped layer is handed on.</summary>
public enum LayerForm
{
    /// <summary>As the layer makes it, <c>[n, ...]</c>: for critics that convolve.</summary>
    Maps,

    /// <summary>
    /// The mean of each channel over all its places, <c>[n, channels]</c>: of maps <c>[n, channels, ...]</c>. Rows of
    /// numbers <c>[n, d]</c> stay as they are.
    /// </summary>
    Means,

    /// <summary>All numbers of a row in one, <c>[n, d]</c>.</summary>
    Rows,
}
