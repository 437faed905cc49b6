using Samples.Shared;
using TransferLearning;
using static TorchSharp.torch;

namespace Evaluate.Data;

/// <summary>An archive of small color images, bytes <c>[n, height, width, 3]</c>, in two parts.</summary>
internal static class SmallImageArchive
{
    /// <summary>Reads both parts: images <c>[n, 3, height, width]</c> from 0 to 1, and their classes.</summary>
    public static (LabeledDomain Train, LabeledDomain Test) Read(string path)
    {
        using var archive = new NumpyArchive(path);
        LabeledDomain Part(string name)
        {
            var (shape, pixels) = archive.Read<byte>(name + "_x");
            var (_, labels) = archive.Read<byte>(name + "_y");
            using var scope = NewDisposeScope();
            var images = tensor(pixels).reshape([.. shape.Select(size => (long)size)]).permute(0, 3, 1, 2);
            return new LabeledDomain(
                (images.to(float32) / 255).contiguous().DetachFromDisposeScope(),
                tensor(Array.ConvertAll(labels, label => (long)label)).DetachFromDisposeScope(),
                space: LabelSpace.Classes(10)
            );
        }
        return (Part("train"), Part("test"));
    }
}
