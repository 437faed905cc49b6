using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>The features of two models side by side, <c>[n, d1 + d2]</c>, for a <see cref="MixedPredictor"/>.</summary>
[SavedPart("mixed-features")]
internal sealed class MixedFeatures : IFeatureExtractor, IDomainSpecific, IComposite, ISavedPart, IGraphPart
{
    private readonly Dictionary<DomainId, IFeatureExtractor> branches = [];
    private IFeatureExtractor? first;
    private IFeatureExtractor? second;

    private MixedFeatures() { }

    public MixedFeatures(IFeatureExtractor first, IFeatureExtractor second) =>
        (this.first, this.second) = (first, second);

    public IReadOnlyList<IPart> Inner => [first!, second!];

    public Tensor Extract(Tensor inputs)
    {
        Guard.Alive(inputs);
        using var scope = NewDisposeScope();
        return cat([first!.Extract(inputs).flatten(1), second!.Extract(inputs).flatten(1)], 1)
            .MoveToOuterDisposeScope();
    }

    public IFeatureExtractor For(DomainId domain)
    {
        lock (branches)
        {
            if (!branches.TryGetValue(domain, out var branch))
            {
                branches[domain] = branch = new MixedFeatures(first!.For(domain), second!.For(domain));
            }
            return branch;
        }
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var (one, other) = (graph.Part(first!, inputs, "plain"), graph.Part(second!, inputs, "adapted"));
        using var scope = NewDisposeScope();
        return graph.ExampleOf(one).dtype == graph.ExampleOf(other).dtype
            ? graph.Beside(Flat(one), Flat(other))
            : graph.Refuse("the two mixed models' features have different dtypes: fit both on rows of one dtype.");

        GraphValue Flat(GraphValue rows) => graph.Operator("Flatten", [rows], ("axis", 1L));
    }

    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Part("plain", ref first);
        state.Part("adapted", ref second);
    }
}
