using static TorchSharp.torch;

namespace TransferLearning.Onnx;

/// <summary>How <see cref="OnnxExport.ExportOnnx"/> writes a model.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>
    /// A few rows <c>[rows, ...]</c> as the model gets them: they say the shape and dtype of the file's input, and the
    /// written file is tried on them. Default three drawn rows of float32 in the shape of the fit's rows; a model that
    /// was put together by hand, and one of another dtype, needs them.
    /// </summary>
    public Tensor? Example { get; init; }

    /// <summary>The domain whose rows the file will get. Default the target.</summary>
    public DomainId Domain { get; init; } = DomainId.Target;

    /// <summary>The name of the file's input. Default <c>inputs</c>.</summary>
    public string InputName { get; init; } = "inputs";

    /// <summary>
    /// Whether the file also has the output <c>probabilities</c>, what <see cref="AdaptedModel.PredictProbabilities"/>
    /// gives. Default false.
    /// </summary>
    public bool Probabilities { get; init; }

    /// <summary>
    /// Whether the file also has the output <c>classes</c>, int64 <c>[n]</c>, what
    /// <see cref="AdaptedModel.PredictClasses"/> gives. Default false.
    /// </summary>
    public bool Classes { get; init; }

    /// <summary>
    /// Whether the file also has the output <c>features</c>, what the extractor gives. Default false.
    /// </summary>
    public bool Features { get; init; }

    /// <summary>
    /// Whether fitted maps and predictors compute in float32, for runtimes that know no float64. Default false: they
    /// compute in float64, as this library does.
    /// </summary>
    public bool SinglePrecision { get; init; }

    /// <summary>
    /// How far a number of the written file may lie from the model's own on the example rows, as a share of the largest
    /// one (1 where all are smaller). Default 0.001; the file is not kept where it lies further.
    /// </summary>
    public double Tolerance { get; init; } = 1e-3;
}
