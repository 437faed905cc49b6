using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// A branch and a classifier for each of several sources, over features that all domains share; predicts the target by
/// the mean of the classifiers.
/// </summary>
/// <remarks>
/// For a shared feature x the scores are <c>ln 1/N sum_j softmax(C_j(H_j(x)))</c>, whose softmax is the mean of the
/// classifiers' probabilities (Zhu, Zhuang and Wang 2019, "Aligning Domain-Specific Distribution and Classifier for
/// Cross-Domain Classification from Multiple Sources"). It is the predictor for <see cref="BranchCrossEntropy"/>,
/// <see cref="BranchAlignment"/> and <see cref="BranchDisagreement"/>. The parts stay the caller's.
/// </remarks>
[SavedPart("source-branches")]
public sealed class SourceBranches : ILabelPredictor, IComposite, ISavedPart, IGraphPart
{
    private Branch[] branches;

    private SourceBranches() => branches = []; // filled by Exchange

    /// <summary>Puts branches side by side.</summary>
    /// <param name="branches">
    /// For each source, in their order, what maps the shared features to the branch's <c>[n, d_j]</c>, and its
    /// classifier. At least one.
    /// </param>
    public SourceBranches(params IReadOnlyList<(IFeatureExtractor Extractor, ILabelPredictor Classifier)> branches)
    {
        ArgumentNullException.ThrowIfNull(branches);
        ArgumentOutOfRangeException.ThrowIfZero(branches.Count, nameof(branches));
        foreach (var (extractor, classifier) in branches)
        {
            ArgumentNullException.ThrowIfNull(extractor, nameof(branches));
            ArgumentNullException.ThrowIfNull(classifier, nameof(branches));
        }
        this.branches = [.. branches.Select(branch => new Branch(branch.Extractor, branch.Classifier))];
    }

    /// <summary>The number of branches.</summary>
    public int Count => branches.Length;

    /// <inheritdoc />
    public IReadOnlyList<IPart> Inner => branches;

    /// <inheritdoc />
    public ScoreKind ScoreKind => ScoreKind.Logits;

    /// <summary>The mean of the classifiers' probabilities, as logarithms <c>[n, C]</c>.</summary>
    /// <param name="features">Shared features.</param>
    public Tensor Predict(Tensor features)
    {
        Guard.Alive(features);
        using var scope = NewDisposeScope();
        var each = branches.Select(branch =>
            nn.functional.log_softmax(branch.Classifier.Predict(branch.Predict(features)), 1)
        );
        return (stack([.. each]).logsumexp(0) - Math.Log(Count)).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        // The mean of the branches' probabilities, as a logarithm.
        var each = branches
            .Select(
                (branch, i) =>
                {
                    var features = graph.Part(branch.Extractor, inputs, $"branch{i}");
                    var scores = graph.Part(branch.Classifier, features, $"classifier{i}");
                    return graph.Operator("LogSoftmax", [scores], ("axis", 1L));
                }
            )
            .Select(scores => graph.Operator("Unsqueeze", [scores, graph.Constant(tensor(new[] { 2L }))]));
        var all = graph.Operator("Concat", [.. each], ("axis", 2L));
        var largest = graph.Operator("ReduceMax", [all], ("axes", new[] { 2L }), ("keepdims", 1L));
        var shares = graph.Operator("Exp", [graph.Subtract(all, largest)]);
        var mean = graph.Operator("ReduceMean", [shares], ("axes", new[] { 2L }), ("keepdims", 1L));
        var scores = graph.Add(graph.Operator("Log", [mean]), largest);
        return graph.Operator("Squeeze", [scores, graph.Constant(tensor(new[] { 2L }))]);
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        long count = branches.Length;
        state.Number("branches", ref count);
        if (state.IsLoading && branches.Length != count)
        {
            branches = new Branch[count];
        }
        for (var i = 0; i < count; i++)
        {
            var (extractor, classifier) = (branches[i]?.Extractor, branches[i]?.Classifier);
            state.Part($"extractor{i}", ref extractor);
            state.Part($"classifier{i}", ref classifier);
            if (state.IsLoading)
            {
                branches[i] = new Branch(extractor!, classifier!);
            }
        }
    }

    /// <summary>The branches that a step trains; the step's predictor must be some, one for each source.</summary>
    internal static SourceBranches Of(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        if (step.Predictor is not SourceBranches own)
        {
            throw new ArgumentException(
                $"the predictor must be {nameof(SourceBranches)}, a branch and a classifier for each source; it "
                    + $"is a {step.Predictor.GetType().Name}.",
                nameof(step)
            );
        }
        return own.Count == step.Sources.Count
            ? own
            : throw new ArgumentException(
                $"the predictor has {own.Count} branch(es) for {step.Sources.Count} source(s); give it one for each.",
                nameof(step)
            );
    }

    /// <summary>A batch's features in a branch, computed once a step.</summary>
    internal Tensor Features(StepContext step, IBatch batch, int branch) =>
        step.Scores(branches[branch], step.Features(batch));

    /// <summary>A batch's scores by a branch's classifier, computed once a step.</summary>
    internal Tensor Scores(StepContext step, IBatch batch, int branch) =>
        step.Scores(branches[branch].Classifier, Features(step, batch, branch));

    /// <summary>A branch as a part that maps features, so that a step remembers its passes.</summary>
    private sealed class Branch(IFeatureExtractor extractor, ILabelPredictor classifier) : ILabelPredictor, IComposite
    {
        public IReadOnlyList<IPart> Inner => [Extractor, Classifier];

        public IFeatureExtractor Extractor { get; } = extractor;

        public ILabelPredictor Classifier { get; } = classifier;

        public Tensor Predict(Tensor features) => Extractor.Extract(features);
    }
}
