using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>The identity, whose gradient is the given one times <c>-coefficient</c>.</summary>
internal static class ReversedGradient
{
    /// <summary>A tensor equal to the features, bit for bit; it belongs to the caller's scope.</summary>
    public static Tensor Of(Tensor features, double coefficient)
    {
        using var scope = NewDisposeScope();
        // The difference is exactly 0 forward; only its second half carries a gradient.
        var constant = features.detach();
        return (constant + ((constant - features) * coefficient)).MoveToOuterDisposeScope();
    }
}
