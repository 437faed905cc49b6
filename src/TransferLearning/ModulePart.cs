using System.Runtime.CompilerServices;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>
/// Lends a TorchSharp module to the core interfaces: extractor, predictor, critic of features or critic of patches.
/// </summary>
/// <remarks>
/// The part does not own a module that it was given; it owns one that it built from a recipe and disposes that one.
/// Calls go through <c>call</c>, so hooks fire.
/// </remarks>
public sealed class ModulePart
    : IFeatureExtractor,
        ILabelPredictor,
        IDomainCritic,
        IPatchCritic,
        ITrainable,
        IDisposable
{
    private static readonly ConditionalWeakTable<nn.Module<Tensor, Tensor>, ModulePart> Lent = [];

    private readonly nn.Module<Tensor, Tensor> module;
    private readonly Func<nn.Module<Tensor, Tensor>>? build;

    private ModulePart(nn.Module<Tensor, Tensor> module) => this.module = module;

    /// <summary>
    /// Builds a module from a recipe; a part made so can be replicated (teachers, untied extractors).
    /// </summary>
    /// <param name="build">Makes a new module of the same architecture each time that it is called.</param>
    public ModulePart(Func<nn.Module<Tensor, Tensor>> build)
    {
        ArgumentNullException.ThrowIfNull(build);
        this.build = build;
        module = build() ?? throw new ArgumentException("The recipe returned no module.", nameof(build));
    }

    /// <inheritdoc />
    public nn.Module Module => module;

    /// <summary>Whether a learner made it as its result: the model that it goes into owns it then.</summary>
    internal bool IsOfResult { get; init; }

    /// <summary>The part of a module: the same module always gives the same part, so that passes are shared.</summary>
    /// <param name="module">The module; its owner goes on owning it.</param>
    public static ModulePart Of(nn.Module<Tensor, Tensor> module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return Lent.GetValue(module, static lent => new ModulePart(lent));
    }

    /// <inheritdoc />
    public Tensor Extract(Tensor inputs) => module.call(Guard.Alive(inputs));

    /// <inheritdoc />
    public ScoreKind ScoreKind => ScoreKind.Logits;

    /// <inheritdoc />
    public Tensor Predict(Tensor features) => module.call(Guard.Alive(features));

    /// <inheritdoc />
    public Tensor Judge(Tensor features) => module.call(Guard.Alive(features));

    /// <summary>
    /// Whether the part was made from a recipe, so that <see cref="Replica"/> can make another module.
    /// </summary>
    public bool IsReplicable => build is not null;

    /// <summary>A second module of the same architecture with a copy of this one's parameters and buffers.</summary>
    /// <returns>
    /// The replica, with the same layers in evaluation mode by their owner's wish; the caller disposes it.
    /// </returns>
    /// <exception cref="InvalidOperationException">
    /// The part was not made from a recipe, or the recipe gives the same module each time.
    /// </exception>
    public ModulePart Replica()
    {
        if (build is null)
        {
            throw new InvalidOperationException(
                "TorchSharp modules cannot be cloned, so a replica needs the recipe: make the part with "
                    + "new ModulePart(() => new MyModule(...)) instead of lending a finished module."
            );
        }
        var replica = new ModulePart(build);
        if (ReferenceEquals(replica.module, module))
        {
            throw new InvalidOperationException(
                "the recipe of the part gave the same module again, so there is no replica: it must make a new module "
                    + "each time, new ModulePart(() => new MyModule(...))."
            );
        }
        replica.CopyFrom(this);
        Modes.Copy(module, replica.module);
        return replica;
    }

    /// <summary>Copies another part's parameters and buffers into this one.</summary>
    /// <param name="other">A part of the same architecture and dtype.</param>
    /// <exception cref="InvalidDataException">It is of another.</exception>
    public void CopyFrom(ITrainable other)
    {
        ArgumentNullException.ThrowIfNull(other);
        using var bag = StateBag.ForSaving();
        bag.Module("module", other.Module);
        using var loading = bag.Continue();
        loading.Module("module", module);
    }

    /// <summary>Disposes the module if this part built it.</summary>
    public void Dispose()
    {
        if (build is not null)
        {
            module.Dispose();
        }
    }
}
