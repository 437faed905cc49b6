using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>Remembered rows of each class, and the contrast of a row's own class in them with the others.</summary>
internal static class ClassMemory
{
    /// <summary>
    /// <c>1/n sum_i KL(1/(K+1) on the row's own product and on those with its class's memory || softmax of all)</c>,
    /// from products that are divided by the temperature: own <c>[n, 1]</c>, and with the memory, classes outermost,
    /// <c>[n, C K]</c>. Opens no scope.
    /// </summary>
    public static Tensor Contrast(Tensor own, Tensor others, Tensor labels, long count)
    {
        var near = others
            .reshape(own.shape[0], -1, count)
            .gather(1, labels.reshape(-1, 1, 1).expand(-1, 1, count))
            .squeeze(1);
        var all = cat([own, others], 1).logsumexp(1);
        var positive = (own.squeeze(1) + near.sum(1)) / (count + 1);
        return (all - positive - Math.Log(count + 1)).mean();
    }

    /// <summary>
    /// The memory <c>[C, K, D]</c> after keys have taken the places of their classes' oldest, and the places of the
    /// oldest then <c>[C]</c>. Opens no scope.
    /// </summary>
    public static (Tensor Memory, Tensor Places) Enqueued(Tensor memory, Tensor places, Tensor keys, Tensor labels)
    {
        var (classes, count) = (memory.shape[0], memory.shape[1]);
        var isClass = nn.functional.one_hot(labels, classes);
        var total = isClass.sum(dim: 0);
        // How many of its class come before a key, and whether K of them come after it.
        var rank = (isClass.cumsum(0) * isClass).sum(1) - 1;
        var stays = (total.index_select(0, labels) - rank).le(count);
        var place = (labels * count) + (places.index_select(0, labels) + rank).remainder(count);
        // What does not stay goes to one more row, which is cut off.
        var rows = cat([memory.reshape(classes * count, -1), zeros_like(memory[0, 0]).unsqueeze(0)]);
        rows.index_copy_(0, where(stays, place, full_like(place, classes * count)), keys.to(rows.dtype));
        var next = rows.narrow(0, 0, classes * count).reshape(memory.shape).clone();
        return (next, (places + total).remainder(count));
    }

    /// <summary>The memory must hold keys as wide as these, and there must be a class number for each.</summary>
    public static void Check(Tensor keys, Tensor memory, Tensor labels)
    {
        if (memory.dim() != 3 || memory.shape[2] != keys.shape[1])
        {
            throw new ArgumentException(
                $"memory must hold keys [C, K, {keys.shape[1]}]; got {Shape.Of(memory)}.",
                nameof(memory)
            );
        }
        if (labels.dim() != 1 || labels.shape[0] != keys.shape[0])
        {
            throw new ArgumentException(
                $"labels must be class numbers [{keys.shape[0]}]; got {Shape.Of(labels)}.",
                nameof(labels)
            );
        }
    }
}
