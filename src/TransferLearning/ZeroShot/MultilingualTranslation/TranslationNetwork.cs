using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.ZeroShot;

/// <summary>
/// An encoder and a decoder of self-attention (Vaswani et al. 2017), each layer on normalized inputs; one table of
/// tokens is the sources', the targets' and the scores'.
/// </summary>
internal sealed class TranslationNetwork : nn.Module
{
    private readonly Embedding tokens;
    private readonly ModuleList<AttentionLayer> encoder;
    private readonly ModuleList<AttentionLayer> decoder;
    private readonly LayerNorm encoded;
    private readonly LayerNorm decoded;
    private readonly long width;
    private readonly double dropout;

    public TranslationNetwork(long count, long width, long heads, int layers, double dropout)
        : base(nameof(TranslationNetwork))
    {
        (this.width, this.dropout) = (width, dropout);
        tokens = nn.Embedding(count, width);
        nn.init.normal_(tokens.weight!, 0, Math.Pow(width, -0.5));
        encoder = Layers(hasMemory: false);
        decoder = Layers(hasMemory: true);
        (encoded, decoded) = (nn.LayerNorm(width), nn.LayerNorm(width));
        RegisterComponents();

        ModuleList<AttentionLayer> Layers(bool hasMemory) =>
            nn.ModuleList([
                .. Enumerable.Range(0, layers).Select(_ => new AttentionLayer(width, heads, dropout, hasMemory)),
            ]);
    }

    /// <summary>Whether each place holds a token, <c>[n, 1, 1, s]</c>. Opens no scope.</summary>
    public static Tensor IsToken(Tensor source) =>
        source.eq(Words.Padding).logical_not().view(-1, 1, 1, source.shape[1]);

    /// <summary>The sources <c>[n, s]</c> as <c>[n, s, width]</c>. Opens no scope.</summary>
    public Tensor Encode(Tensor source, Tensor isToken)
    {
        var x = Embedded(source);
        foreach (var layer in encoder)
        {
            Canceling.Check();
            x = layer.Pass(x, isToken, isCausal: false, null, null);
        }
        return encoded.call(x);
    }

    /// <summary>
    /// The scores <c>[n, t, count]</c> of what follows each token of the translations' beginnings <c>[n, t]</c>; a
    /// place sees none behind it. Opens no scope.
    /// </summary>
    public Tensor Decode(Tensor beginning, Tensor memory, Tensor isToken)
    {
        var x = Embedded(beginning);
        foreach (var layer in decoder)
        {
            Canceling.Check();
            x = layer.Pass(x, null, isCausal: true, memory, isToken);
        }
        return decoded.call(x).matmul(tokens.weight!.t());
    }

    private Tensor Embedded(Tensor sentences)
    {
        var x = tokens.call(sentences) * Math.Sqrt(width);
        var waves = Waves(sentences.shape[1], x.dtype, x.device);
        return nn.functional.dropout(x + waves, dropout, training);
    }

    // Sines and cosines of the place, in wave lengths from 2 pi to 10,000 times that.
    private Tensor Waves(long length, ScalarType type, Device device)
    {
        var places = arange(0, length, ScalarType.Float32, device).unsqueeze(1);
        var half = arange(0, width / 2, ScalarType.Float32, device);
        var angles = places * (half * (-2 * Math.Log(10_000) / width)).exp();
        return cat([angles.sin(), angles.cos()], 1).to(type);
    }
}
