using Samples.Shared;
using TransferLearning;
using static TorchSharp.torch;

namespace Evaluate.Data;

/// <summary>Frames of street cameras (CityCam) as features, and how many vehicles are in sight.</summary>
/// <param name="folder">The folder of the data sets.</param>
internal sealed class StreetFrames(string folder)
{
    private readonly Lazy<(Tensor Rows, Tensor Vehicles, short[] Cameras)> all = new(() => Read(folder));

    /// <summary>The frames of some cameras, with the number of vehicles in tens.</summary>
    public LabeledDomain Of(Func<short, bool> isWanted)
    {
        using var scope = NewDisposeScope();
        var (rows, vehicles, cameras) = all.Value;
        var wanted = tensor(
            cameras
                .Select((camera, i) => (camera, (long)i))
                .Where(it => isWanted(it.camera))
                .Select(it => it.Item2)
                .ToArray()
        );
        return new LabeledDomain(
            rows.index_select(0, wanted).MoveToOuterDisposeScope(),
            (vehicles.index_select(0, wanted) / 10).MoveToOuterDisposeScope(),
            space: LabelSpace.Values(1)
        );
    }

    // In units of the spread of all numbers.
    private static (Tensor, Tensor, short[]) Read(string folder)
    {
        using var archive = new NumpyArchive(Path.Combine(folder, "citycam", "citycam3_resnet50_pca128.npz"));
        var (shape, values) = archive.Read<float>("x");
        using var scope = NewDisposeScope();
        var rows = tensor(values).reshape(shape[0], shape[1]);
        return (
            (rows / rows.std()).DetachFromDisposeScope(),
            tensor(archive.Read<float>("y").Values).DetachFromDisposeScope(),
            archive.Read<short>("camera").Values
        );
    }
}
