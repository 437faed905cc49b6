using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TransferLearning.Tests.Onnx;

/// <summary>A written file as a program without the library reads it.</summary>
internal static class OnnxFile
{
    /// <summary>One output of a file with one input.</summary>
    public static Tensor Run(string path, Tensor rows, string output = "scores")
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        using var session = new InferenceSession(path, options);
        var name = session.InputMetadata.Single().Key;
        var sizes = rows.shape.Select(size => (int)size).ToArray();
        var dense = rows.contiguous();
        var given = rows.dtype switch
        {
            ScalarType.Int64 => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<long>(Copy<long>(dense), sizes)),
            ScalarType.Float64 => NamedOnnxValue.CreateFromTensor(
                name,
                new DenseTensor<double>(Copy<double>(dense), sizes)
            ),
            _ => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<float>(Copy<float>(dense), sizes)),
        };
        using var results = session.Run([given], [output]);
        return results.Single().Value switch
        {
            DenseTensor<float> of => tensor(of.ToArray(), Sizes(of.Dimensions)),
            DenseTensor<double> of => tensor(of.ToArray(), Sizes(of.Dimensions)),
            DenseTensor<long> of => tensor(of.ToArray(), Sizes(of.Dimensions)),
            var other => throw new InvalidOperationException($"{other?.GetType()}"),
        };
    }

    public static IReadOnlyDictionary<string, string> Metadata(string path)
    {
        using var session = new InferenceSession(path);
        return session.ModelMetadata.CustomMetadataMap;
    }

    private static T[] Copy<T>(Tensor dense)
        where T : unmanaged => dense.data<T>().ToArray();

    private static long[] Sizes(ReadOnlySpan<int> sizes) => [.. sizes.ToArray().Select(size => (long)size)];
}
