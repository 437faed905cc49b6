using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// The four networks of an image translation: a generator toward each domain, and a critic of each domain's images.
/// </summary>
/// <remarks>It owns networks that it has made itself, and no others.</remarks>
public sealed class TranslationNetworks : IComposite, IDisposable
{
    private readonly ModulePart[] made = [];

    /// <summary>Puts four networks together.</summary>
    /// <param name="toTarget">Makes target images of source images, in the same shape.</param>
    /// <param name="toSource">Makes source images of target images, in the same shape.</param>
    /// <param name="sourceCritic">Judges what looks like the source's.</param>
    /// <param name="targetCritic">Judges what looks like the target's.</param>
    public TranslationNetworks(
        IFeatureExtractor toTarget,
        IFeatureExtractor toSource,
        IPatchCritic sourceCritic,
        IPatchCritic targetCritic
    )
    {
        ArgumentNullException.ThrowIfNull(toTarget);
        ArgumentNullException.ThrowIfNull(toSource);
        ArgumentNullException.ThrowIfNull(sourceCritic);
        ArgumentNullException.ThrowIfNull(targetCritic);
        (ToTarget, ToSource, SourceCritic, TargetCritic) = (toTarget, toSource, sourceCritic, targetCritic);
    }

    /// <inheritdoc cref="TranslationNetworks(IFeatureExtractor, IFeatureExtractor, IPatchCritic, IPatchCritic)"/>
    public TranslationNetworks(
        nn.Module<Tensor, Tensor> toTarget,
        nn.Module<Tensor, Tensor> toSource,
        nn.Module<Tensor, Tensor> sourceCritic,
        nn.Module<Tensor, Tensor> targetCritic
    )
        : this(toTarget.AsPart(), toSource.AsPart(), sourceCritic.AsPart(), targetCritic.AsPart()) { }

    /// <summary>Makes two <see cref="ResidualGenerator"/> and two <see cref="PatchCritic"/>, and owns them.</summary>
    /// <param name="channels">The images' channels.</param>
    /// <param name="width">The maps of each network's first layer. Default 64, the authors'.</param>
    /// <param name="blocks">The generators' residual blocks. Default 6, the authors' for small images.</param>
    /// <param name="criticLayers">
    /// The critics' convolutions of stride 2. Default 3, the authors', for sides of at least 24; 2 for 12, 1 for 6.
    /// </param>
    /// <param name="black">The least value of a pixel. Default -1.</param>
    /// <param name="white">The largest value of a pixel. Default 1.</param>
    public TranslationNetworks(
        long channels,
        long width = 64,
        int blocks = 6,
        int criticLayers = 3,
        double black = -1,
        double white = 1
    )
    {
        ModulePart Generator() => new(() => new ResidualGenerator(channels, width, blocks, black: black, white: white));
        ModulePart Critic() => new(() => new PatchCritic(channels, width, criticLayers));
        made = [Generator(), Generator(), Critic(), Critic()];
        (ToTarget, ToSource, SourceCritic, TargetCritic) = (made[0], made[1], made[2], made[3]);
    }

    /// <summary>Makes target images of source images.</summary>
    public IFeatureExtractor ToTarget { get; }

    /// <summary>Makes source images of target images.</summary>
    public IFeatureExtractor ToSource { get; }

    /// <summary>Judges what looks like the source's.</summary>
    public IPatchCritic SourceCritic { get; }

    /// <summary>Judges what looks like the target's.</summary>
    public IPatchCritic TargetCritic { get; }

    /// <inheritdoc />
    public IReadOnlyList<IPart> Inner => [ToTarget, ToSource, SourceCritic, TargetCritic];

    /// <summary>Disposes the networks that it has made itself.</summary>
    public void Dispose() => Array.ForEach(made, part => part.Dispose());
}
