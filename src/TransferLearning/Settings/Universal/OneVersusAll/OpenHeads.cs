using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>One-versus-all classifiers side by side: C logits for "not of this class", then C for "of it".</summary>
internal static class OpenHeads
{
    /// <summary>The logits of "of it" less those of "not of this class" <c>[n, C]</c>. Opens no scope.</summary>
    public static Tensor Margins(Tensor heads)
    {
        Check(heads);
        var halves = heads.chunk(2, 1);
        return halves[1] - halves[0];
    }

    public static void Check(
        Tensor heads,
        [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(heads))] string name = ""
    )
    {
        Guard.Rows(heads, name: name);
        if (heads.shape[1] % 2 != 0)
        {
            throw new ArgumentException($"{name} must hold two logits a class, [n, 2 C]; got {Shape.Of(heads)}.", name);
        }
    }
}
