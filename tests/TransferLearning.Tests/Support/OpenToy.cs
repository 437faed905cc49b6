using static TorchSharp.torch;

namespace TransferLearning.Tests.Support;

/// <summary>
/// Clouds at the corners of a triangle in both domains, and one in the middle that the target alone has.
/// </summary>
internal static class OpenToy
{
    public const int Known = 3;

    public static LabeledDomain Source(long rows = 480, long seed = 1)
    {
        var (inputs, labels) = Toy.Clouds(rows, seed, Known);
        return new LabeledDomain(inputs, labels, space: LabelSpace.Classes(["left", "right", "top"]));
    }

    public static LabeledDomain LabeledTarget(long rows = 240, long seed = 2)
    {
        var (inputs, labels) = Toy.Clouds(rows, seed, Known, angle: 0.3, offset: 0.3);
        using var generator = new RandomKey(seed).Child(1).Generator();
        var middle = randn([rows / Known, 4], generator: generator) * 0.4;
        return new LabeledDomain(
            cat([inputs, middle]),
            cat([labels, full(rows / Known, Known, int64)]),
            space: LabelSpace.Classes(Known + 1)
        );
    }
}
