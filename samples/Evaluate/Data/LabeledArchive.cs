using System.Numerics;
using Samples.Shared;
using TransferLearning;
using static TorchSharp.torch;

namespace Evaluate.Data;

/// <summary>Domains in one archive: for each name the rows <c>name_x</c> and the classes <c>name_y</c>.</summary>
/// <param name="path">The archive.</param>
/// <param name="classes">How many classes there are.</param>
internal sealed class LabeledArchive(string path, int classes)
{
    /// <summary>A domain of word counts, kept as bytes.</summary>
    public LabeledDomain Counts(string name, Func<Tensor, Tensor> scale) => Read<byte>(name, scale);

    /// <summary>A domain of real features.</summary>
    public LabeledDomain Features(string name, Func<Tensor, Tensor> scale) => Read<float>(name, scale);

    /// <summary>A domain of real features, kept in half precision.</summary>
    public LabeledDomain HalfFeatures(string name, Func<Tensor, Tensor> scale) => Read<Half>(name, scale);

    private LabeledDomain Read<T>(string name, Func<Tensor, Tensor> scale)
        where T : unmanaged, INumber<T>
    {
        using var archive = new NumpyArchive(path);
        var (shape, values) = archive.Read<T>(name + "_x");
        var (_, labels) = archive.Read<byte>(name + "_y");
        using var scope = NewDisposeScope();
        var rows = tensor(Array.ConvertAll(values, double.CreateChecked)).reshape(shape[0], shape[1]);
        return new LabeledDomain(
            scale(rows).MoveToOuterDisposeScope(),
            tensor(Array.ConvertAll(labels, label => (long)label)).MoveToOuterDisposeScope(),
            space: LabelSpace.Classes(classes)
        );
    }
}
