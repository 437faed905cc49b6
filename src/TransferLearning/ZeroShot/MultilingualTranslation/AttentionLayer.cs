using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.ZeroShot;

/// <summary>
/// A layer of <see cref="TranslationNetwork"/>: attention to its own places, attention to the encoded source where it
/// has one, and a network of two layers at each place; each adds to what it was given.
/// </summary>
internal sealed class AttentionLayer : nn.Module
{
    private readonly long heads;
    private readonly double dropout;
    private readonly LayerNorm before;
    private readonly Linear own;
    private readonly Linear ownOut;
    private readonly LayerNorm? beforeMemory;
    private readonly Linear? ofMemory;
    private readonly Linear? toMemory;
    private readonly Linear? memoryOut;
    private readonly LayerNorm beforeWide;
    private readonly Linear wide;
    private readonly Linear narrow;

    public AttentionLayer(long width, long heads, double dropout, bool hasMemory)
        : base(nameof(AttentionLayer))
    {
        (this.heads, this.dropout) = (heads, dropout);
        (before, own, ownOut) = (nn.LayerNorm(width), nn.Linear(width, 3 * width), nn.Linear(width, width));
        if (hasMemory)
        {
            (beforeMemory, toMemory) = (nn.LayerNorm(width), nn.Linear(width, width));
            (ofMemory, memoryOut) = (nn.Linear(width, 2 * width), nn.Linear(width, width));
        }
        (beforeWide, wide, narrow) = (nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.Linear(4 * width, width));
        RegisterComponents();
    }

    /// <summary>The next representation of x <c>[n, t, width]</c>. Opens no scope.</summary>
    /// <param name="x">The present one.</param>
    /// <param name="isToken">Which of its places hold tokens, <c>[n, 1, 1, t]</c>; null for all.</param>
    /// <param name="isCausal">Whether a place sees only those before it, and itself.</param>
    /// <param name="memory">The encoded source <c>[n, s, width]</c>, or null.</param>
    /// <param name="isTokenOfMemory">Which of its places hold tokens, <c>[n, 1, 1, s]</c>.</param>
    public Tensor Pass(Tensor x, Tensor? isToken, bool isCausal, Tensor? memory, Tensor? isTokenOfMemory)
    {
        var all = own.call(before.call(x)).chunk(3, 2);
        x += Kept(ownOut.call(Attended(all[0], all[1], all[2], isToken, isCausal)));
        if (memory is not null)
        {
            var seen = ofMemory!.call(memory).chunk(2, 2);
            var asked = toMemory!.call(beforeMemory!.call(x));
            x += Kept(memoryOut!.call(Attended(asked, seen[0], seen[1], isTokenOfMemory, isCausal: false)));
        }
        return x + Kept(narrow.call(wide.call(beforeWide.call(x)).relu()));
    }

    private Tensor Kept(Tensor x) => nn.functional.dropout(x, dropout, training);

    private Tensor Attended(Tensor asked, Tensor keys, Tensor values, Tensor? mask, bool isCausal)
    {
        var (n, t, width) = (asked.shape[0], asked.shape[1], asked.shape[2]);
        Tensor Heads(Tensor of) => of.reshape(n, of.shape[1], heads, width / heads).transpose(1, 2);
        return nn
            .functional.scaled_dot_product_attention(Heads(asked), Heads(keys), Heads(values), mask, 0, isCausal)
            .transpose(1, 2)
            .reshape(n, t, width);
    }
}
