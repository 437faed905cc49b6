using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>
/// A network with taps: what some of its layers make on the way to the features is handed out beside them, and nothing
/// in the network is edited.
/// </summary>
/// <remarks>
/// <para>
/// In a training its layers are the tapped ones, in the order in which they were named, and then the features
/// (<see cref="Training.StepContext.Layers(Training.IBatch)"/>): critics at several layers, alignments of layers, the
/// multilinear map of several layers and penalties on feature maps work on them as on the links of an
/// <see cref="ExtractorChain"/>, and a pass is still computed once. As a link of a chain it gives its layers in the
/// chain's order.
/// </para>
/// <para>
/// Layers are listened to during the pass alone: no hook is left behind, and <see cref="Extract"/> sets none, so that
/// threads may predict; one thread at a time trains on the layers of a network. Outputs are copied, because the next
/// layer may write over them (a ReLU in place does). They have the features' dtype. The network stays its owner's.
/// </para>
/// </remarks>
[SavedPart("tapped-extractor")]
public sealed class TappedExtractor : IFeatureExtractor, IDomainSpecific, IComposite, ISavedPart, IGraphPart, IPlanned
{
    private readonly Dictionary<DomainId, TappedExtractor> branches = [];
    private IFeatureExtractor extractor;
    private LayerTap[] taps;
    private PassKey[] keys = [];

    private TappedExtractor() => (extractor, taps) = (null!, []); // filled by Exchange

    /// <summary>Taps layers of a network.</summary>
    /// <param name="extractor">The network: an extractor in which one module stands.</param>
    /// <param name="taps">
    /// The layers, by their names in the module; one at least, none of them twice in one form.
    /// </param>
    /// <exception cref="ArgumentException">
    /// There is no layer, or one twice; no module stands in the extractor, or several.
    /// </exception>
    public TappedExtractor(IFeatureExtractor extractor, params IReadOnlyList<LayerTap> taps)
    {
        ArgumentNullException.ThrowIfNull(extractor);
        ArgumentNullException.ThrowIfNull(taps);
        if (taps.Count == 0 || taps.Any(tap => tap is null) || taps.Distinct().Count() != taps.Count)
        {
            throw new ArgumentException(
                "taps must be names of layers, one at least and none of them twice in one form; got "
                    + $"[{string.Join(", ", taps.Select(tap => tap?.Name))}].",
                nameof(taps)
            );
        }
        if (Modules(extractor).Count() != 1)
        {
            throw new ArgumentException(
                $"the extractor must be made of one module, whose layers have names; {extractor.GetType().Name} is "
                    + $"made of {Modules(extractor).Count()}. Tap the links of a chain one by one.",
                nameof(extractor)
            );
        }
        (this.extractor, this.taps) = (extractor, [.. taps]);
        Remember();
    }

    /// <inheritdoc cref="TappedExtractor(IFeatureExtractor, IReadOnlyList{LayerTap})"/>
    public TappedExtractor(nn.Module<Tensor, Tensor> extractor, params IReadOnlyList<LayerTap> taps)
        : this(extractor.AsPart(), taps) { }

    /// <summary>The layers that are tapped, in their order.</summary>
    public IReadOnlyList<LayerTap> Taps => taps;

    /// <inheritdoc />
    public IReadOnlyList<IPart> Inner => [extractor, .. taps];

    /// <inheritdoc />
    public bool HasGradient => extractor.HasGradient;

    /// <summary>What a step knows the passes of the layers and of the features by.</summary>
    internal IReadOnlyList<object> Keys => keys;

    private nn.Module Module => Modules(extractor).Single();

    /// <inheritdoc />
    public Tensor Extract(Tensor inputs) => extractor.Extract(inputs);

    /// <inheritdoc />
    public IFeatureExtractor For(DomainId domain)
    {
        if (!extractor.WithInner().Any(part => part is IDomainSpecific))
        {
            return this;
        }
        lock (branches)
        {
            var branch = extractor.For(domain);
            if (!branches.TryGetValue(domain, out var tapped) || !ReferenceEquals(tapped.extractor, branch))
            {
                branches[domain] = tapped = new TappedExtractor(branch, taps);
            }
            return tapped;
        }
    }

    /// <summary>What the tapped layers make of some inputs, and the features last.</summary>
    /// <param name="inputs">Inputs <c>[n, ...]</c>.</param>
    /// <returns>
    /// One tensor a layer in the form that its tap asks for, and the features; differentiable wherever the network is.
    /// The caller disposes them.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The module has no such layer, or its pass leaves it out, takes it more than once, or has another number of rows
    /// there.
    /// </exception>
    public IReadOnlyList<Tensor> Layers(Tensor inputs)
    {
        Guard.Alive(inputs);
        using var scope = NewDisposeScope();
        var outputs = new Tensor?[taps.Length + 1];
        var removals = new List<Action>();
        var thread = Environment.CurrentManagedThreadId;
        try
        {
            for (var i = 0; i < taps.Length; i++)
            {
                var place = i;
                var hook = Layer(taps[place].Name)
                    .register_forward_hook(
                        (_, _, output) =>
                        {
                            if (Environment.CurrentManagedThreadId != thread)
                            {
                                return output; // of another thread's pass through the same network
                            }
                            outputs[place] = outputs[place] is null
                                ? Formed(output, taps[place]).DetachFromDisposeScope() // modules have scopes
                                : throw Fault(taps[place], "is passed more than once, so that it has no one output");
                            return output;
                        }
                    );
                removals.Add(hook.remove);
            }
            outputs[^1] = extractor.Extract(inputs).DetachFromDisposeScope();
            for (var i = 0; i < taps.Length; i++)
            {
                if (outputs[i] is not { } output)
                {
                    throw Fault(taps[i], "takes no part in the pass");
                }
                if (output.shape[0] != inputs.shape[0])
                {
                    throw Fault(taps[i], $"gives {Shape.Of(output)} for {inputs.shape[0]} rows");
                }
            }
        }
        catch
        {
            outputs.OfType<Tensor>().ToList().ForEach(output => output.Dispose());
            throw;
        }
        finally
        {
            removals.ForEach(remove => remove());
        }
        scope.Attach(outputs.Select(output => output!));
        var type = outputs[^1]!.dtype;
        return [.. outputs.Select(output => output!.to(type).MoveToOuterDisposeScope())];
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => taps.Select(tap => Unknown(tap.Name)).OfType<string>();

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs) => graph.Part(extractor, inputs);

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Part("extractor", ref extractor!);
        long count = taps.Length;
        state.Number("taps", ref count);
        var exchanged = new LayerTap[count];
        for (var i = 0; i < count; i++)
        {
            var (name, form) = i < taps.Length ? (taps[i].Name, taps[i].Form) : ("", LayerForm.Maps);
            state.Text($"layer{i}", ref name);
            state.Choice($"form{i}", ref form);
            exchanged[i] = new LayerTap(name, form);
        }
        if (state.IsLoading)
        {
            taps = exchanged;
            Remember();
        }
    }

    private void Remember()
    {
        var module = Module;
        keys = [.. Enumerable.Range(0, taps.Length + 1).Select(_ => new PassKey(module))];
    }

    private nn.Module<Tensor, Tensor> Layer(string name) =>
        Unknown(name) is { } fault
            ? throw new ArgumentException(fault)
            : (nn.Module<Tensor, Tensor>)Named(Module).First(layer => layer.Name == name).Layer;

    // Why no layer of that name can be tapped; null where one can.
    private string? Unknown(string name)
    {
        var named = Named(Module).ToList();
        var found = named.Find(layer => layer.Name == name).Layer;
        return found switch
        {
            nn.Module<Tensor, Tensor> => null,
            null => $"there is no layer '{name}' in {Module.GetName()}; it has "
                + (named.Count > 0 ? string.Join(", ", named.Select(layer => layer.Name)) : "no layers")
                + ".",
            _ => $"the layer '{name}' of {Module.GetName()} does not turn one tensor into one: tap one inside it.",
        };
    }

    private static IEnumerable<(string Name, nn.Module Layer)> Named(nn.Module module) =>
        module.named_modules().Select(pair => (pair.name, pair.module));

    private static IEnumerable<nn.Module> Modules(IFeatureExtractor extractor) =>
        extractor
            .WithInner()
            .OfType<ITrainable>()
            .Select(part => part.Module)
            .Distinct(ReferenceEqualityComparer.Instance)
            .Cast<nn.Module>();

    // A copy: the next layer may write over what this one made.
    private static Tensor Formed(Tensor output, LayerTap tap) =>
        tap.Form switch
        {
            LayerForm.Maps => output.clone(),
            LayerForm.Means => output.dim() > 2 ? output.flatten(2).mean([2]) : output.clone(),
            LayerForm.Rows => output.clone().flatten(1),
            _ => throw new ArgumentOutOfRangeException(nameof(tap), tap.Form, "is not a known form."),
        };

    private static ArgumentException Fault(LayerTap tap, string what) =>
        new($"the layer '{tap.Name}' {what}: tap another one.", nameof(taps));

    // A step forgets the passes of a part whose module moves.
    private sealed class PassKey(nn.Module module) : ITrainable
    {
        public nn.Module Module { get; } = module;
    }
}
