using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>Where a part computes.</summary>
internal static class PartDevice
{
    /// <summary>
    /// The device of the first parameter or buffer inside a part, else of the first tensor that it saves; null where it
    /// has none.
    /// </summary>
    public static Device? Of(IPart? part)
    {
        foreach (var inner in part.WithInner())
        {
            var first = inner switch
            {
                ITrainable { Module: var module } => module.parameters().Concat(module.buffers()).FirstOrDefault(),
                ISavedPart saved => First(saved),
                _ => null,
            };
            if (first is not null)
            {
                return first.device;
            }
        }
        return null;
    }

    private static Tensor? First(ISavedPart saved)
    {
        Tensor? first = null;
        using var bag = StateBag.ForLooking((_, value) => first ??= value);
        saved.Exchange(bag);
        return first;
    }
}
