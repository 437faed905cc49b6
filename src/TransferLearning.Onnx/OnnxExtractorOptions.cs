using Microsoft.ML.OnnxRuntime;

namespace TransferLearning.Onnx;

/// <summary>What an <see cref="OnnxExtractor"/> gives to a model and takes from it.</summary>
public sealed record OnnxExtractorOptions
{
    /// <summary>
    /// The input that gets the rows. Default the only one, <c>input_ids</c> among several.
    /// </summary>
    public string? InputName { get; init; }

    /// <summary>
    /// The output that the features are made of. Default the only one; among several it must be named.
    /// </summary>
    public string? OutputName { get; init; }

    /// <summary>How the output becomes one vector a row. Default <see cref="OnnxPooling.Flatten"/>.</summary>
    public OnnxPooling Pooling { get; init; } = OnnxPooling.Flatten;

    /// <summary>
    /// The token id that fills up short rows: 0 in BERT's vocabularies, 1 in RoBERTa's. The attention mask is 0 there
    /// and 1 elsewhere. A model with a mask as input needs it; -1 says that no row is filled up.
    /// </summary>
    public long? PaddingId { get; init; }

    /// <summary>
    /// The input that gets the attention mask, where the model has one. Default <c>attention_mask</c>.
    /// </summary>
    public string AttentionMaskName { get; init; } = "attention_mask";

    /// <summary>
    /// The input that gets zeros, the number of the only text, where the model has one. Default <c>token_type_ids</c>.
    /// </summary>
    public string TokenTypesName { get; init; } = "token_type_ids";

    /// <summary>
    /// Rows that the model gets at a time, at least 1. Default 64. A model that was made for a fixed number gets that.
    /// </summary>
    public long BatchSize { get; init; } = 64;

    /// <summary>
    /// Threads that compute one operator, at least 1. Default as many as TorchSharp computes with.
    /// </summary>
    public int? Threads { get; init; }

    /// <summary>
    /// Changes the session's options before the model is loaded: execution providers for a GPU, for instance. It is no
    /// part of model files; a loaded model computes on the CPU.
    /// </summary>
    public Action<SessionOptions>? Configure { get; init; }
}
