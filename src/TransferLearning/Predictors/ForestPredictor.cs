using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Predictors;

/// <summary>
/// A fitted forest: the mean of its trees' class shares or values. What <see cref="RandomForest"/> gives, or trees that
/// were fitted one by one.
/// </summary>
[SavedPart("forest-predictor")]
public sealed class ForestPredictor : ILabelPredictor, IComposite, ISavedPart, IGraphPart, IDisposable
{
    private TreePredictor[] trees = [];

    private ForestPredictor() { }

    /// <summary>Makes a forest of fitted trees; it owns them.</summary>
    /// <param name="trees">At least one, all of the same features and the same classes or values.</param>
    public ForestPredictor(IEnumerable<TreePredictor> trees)
    {
        ArgumentNullException.ThrowIfNull(trees);
        this.trees = [.. trees];
        if (
            this.trees.Length == 0
            || this.trees.Any(tree =>
                tree is null
                || tree.Width != this.trees[0].Width
                || tree.Outputs != this.trees[0].Outputs
                || tree.ScoreKind != this.trees[0].ScoreKind
            )
        )
        {
            throw new ArgumentException(
                "a forest takes at least one tree, all of the same features and the same classes or values.",
                nameof(trees)
            );
        }
    }

    /// <summary>The trees.</summary>
    public IReadOnlyList<TreePredictor> Trees => trees;

    /// <inheritdoc />
    public IReadOnlyList<IPart> Inner => trees;

    /// <inheritdoc />
    public ScoreKind ScoreKind => trees[0].ScoreKind;

    /// <summary>The trees' mean class shares <c>[n, classes]</c>, or mean values <c>[n, k]</c>.</summary>
    /// <inheritdoc />
    public Tensor Predict(Tensor features)
    {
        Guard.Alive(features);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var rows = features.to(float64);
        var sum = trees[0].Predict(rows);
        foreach (var tree in trees.Skip(1))
        {
            Canceling.Check();
            sum += tree.Predict(rows);
        }
        return (sum * (1.0 / trees.Length)).to(features.dtype).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var rows = graph.WithExample(graph.Wide(inputs), graph.ExampleOf(inputs).to(float64));
        var sum = graph.Part(trees[0], rows, "tree0");
        for (var i = 1; i < trees.Length; i++)
        {
            sum = graph.Add(sum, graph.Part(trees[i], rows, $"tree{i}"));
        }
        return graph.Like(graph.Multiply(sum, graph.Number(1.0 / trees.Length)), inputs);
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        long count = trees.Length;
        state.Number("trees", ref count);
        if (state.IsLoading && trees.Length != count)
        {
            trees = new TreePredictor[count];
        }
        for (var i = 0; i < count; i++)
        {
            state.Part($"tree{i}", ref trees[i]!);
        }
    }

    /// <summary>Disposes the trees.</summary>
    public void Dispose()
    {
        foreach (var tree in trees)
        {
            tree.Dispose();
        }
    }
}
