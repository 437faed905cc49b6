namespace TransferLearning.Onnx;

/// <summary>How an <see cref="OnnxExtractor"/> makes one vector a row of a model's output.</summary>
public enum OnnxPooling
{
    /// <summary>All numbers of a row: <c>[n, ...]</c> to <c>[n, d]</c>.</summary>
    Flatten,

    /// <summary>
    /// The mean over tokens, <c>[n, length, d]</c> to <c>[n, d]</c>, without those that only fill up a row
    /// (<see cref="OnnxExtractorOptions.PaddingId"/>); what sentence embeddings are mostly made by. A row of such
    /// tokens alone has zeros.
    /// </summary>
    TokenMean,

    /// <summary>The first token, <c>[n, length, d]</c> to <c>[n, d]</c>: BERT's <c>[CLS]</c>.</summary>
    FirstToken,

    /// <summary>The mean over places, <c>[n, c, ...]</c> to <c>[n, c]</c>: maps of an image network.</summary>
    PlaceMean,
}
