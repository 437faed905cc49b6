using Microsoft.ML.OnnxRuntime;
using TransferLearning.Onnx;
using SessionOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace Serving;

/// <summary>The same model as an ONNX file, computed by OnnxRuntime: what a server without this library would do.</summary>
/// <remarks>Many threads may ask at once; each request is computed on the thread that brings it.</remarks>
internal sealed class OnnxPredictions : IDisposable
{
    private readonly InferenceSession session;

    public OnnxPredictions(AdaptedService service)
    {
        var folder = Directory.CreateTempSubdirectory("serving");
        try
        {
            var path = Path.Combine(folder.FullName, "model.onnx");
            service.Model.ExportOnnx(path, new OnnxExportOptions { Probabilities = true, Classes = true });
            using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
            session = new InferenceSession(File.ReadAllBytes(path), options);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Predicts some rows.</summary>
    public Answer Of(float[][] rows)
    {
        float[] numbers = [.. rows.SelectMany(row => row)];
        using var inputs = OrtValue.CreateTensorValueFromMemory(numbers, [rows.Length, rows[0].Length]);
        using var options = new RunOptions();
        using var outputs = session.Run(options, ["inputs"], [inputs], ["classes", "probabilities"]);
        var probabilities = outputs[1].GetTensorDataAsSpan<float>().ToArray();
        return Answer.Of(
            outputs[0].GetTensorDataAsSpan<long>(),
            Array.ConvertAll(probabilities, value => (double)value),
            first: 0,
            rows.Length
        );
    }

    public void Dispose() => session.Dispose();
}
