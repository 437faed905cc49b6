using TransferLearning.ZeroShot;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Support;

/// <summary>
/// Twelve made-up classes, each of three of six binary attributes; features are a mixture of the attributes, and rows
/// of the last two classes are in no labeled domain.
/// </summary>
internal static class Described
{
    public const int Seen = 10;

    /// <summary>Every attribute is present in some seen class and absent in another.</summary>
    public static ClassDescriptions Classes() =>
        new(
            tensor(
                new float[,]
                {
                    { 1, 1, 1, 0, 0, 0 },
                    { 1, 0, 0, 1, 1, 0 },
                    { 0, 1, 0, 1, 0, 1 },
                    { 0, 0, 1, 0, 1, 1 },
                    { 1, 1, 0, 0, 0, 1 },
                    { 0, 0, 1, 1, 1, 0 },
                    { 1, 0, 1, 1, 0, 0 },
                    { 0, 1, 0, 0, 1, 1 },
                    { 1, 0, 0, 0, 1, 1 },
                    { 0, 1, 1, 1, 0, 0 },
                    { 1, 0, 1, 0, 1, 0 },
                    { 0, 1, 0, 1, 1, 0 },
                }
            )
        );

    /// <summary>Rows of the seen classes, which the labels know all twelve of.</summary>
    public static LabeledDomain Source(long rows = 240, long seed = 1) => Rows(rows, seed, 0, Seen);

    /// <summary>Rows of the two other classes.</summary>
    public static LabeledDomain Unseen(long rows = 40, long seed = 2) => Rows(rows, seed, Seen, 2);

    /// <summary>Rows of all classes.</summary>
    public static LabeledDomain All(long rows = 180, long seed = 3) => Rows(rows, seed, 0, 12);

    private static LabeledDomain Rows(long rows, long seed, long first, long count)
    {
        using var generator = new RandomKey(seed).Generator();
        using var ofMixture = new RandomKey(77).Generator();
        var labels = arange(rows, dtype: int64).remainder(count) + first;
        var mixture = randn([6, 8], generator: ofMixture);
        var attributes = Classes().Vectors.index_select(0, labels);
        var inputs = ((attributes * 2) - 1).matmul(mixture) + (randn([rows, 8], generator: generator) * 0.3);
        return new LabeledDomain(inputs, labels, space: LabelSpace.Classes(12));
    }
}
