using TorchSharp;
using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// The classifiers of several source models on the features of their own networks, their scores mixed by weights that
/// are learned.
/// </summary>
/// <remarks>
/// Of features <c>[f_1, ..., f_K]</c> side by side the scores are <c>sum_k w_k C_k(f_k)</c> with
/// <c>w_k = sigmoid(a_k) / sum_j sigmoid(a_j)</c>, a parameter <c>a</c> that is 0 at first (Ahmed, Raychaudhuri, Paul,
/// Oymak and Roy-Chowdhury 2021, "Unsupervised Multi-source Domain Adaptation Without Access to Source Data"; their
/// program draws its first values from -1 to 1). It is the predictor behind <c>ParallelBranches</c> of the source
/// models' networks. Owns the classifiers.
/// </remarks>
public sealed class SourceMixture : nn.Module<Tensor, Tensor>, IGraphPart
{
    private readonly nn.Module<Tensor, Tensor>[] classifiers;
    private readonly Parameter weights;

    /// <summary>Makes the module.</summary>
    /// <param name="classifiers">
    /// The source models' classifiers, in the order of their networks, each <c>[n, d]</c> to <c>[n, C]</c>; at least
    /// one.
    /// </param>
    public SourceMixture(params ReadOnlySpan<nn.Module<Tensor, Tensor>> classifiers)
        : base(nameof(SourceMixture))
    {
        if (classifiers.Length == 0)
        {
            throw new ArgumentException("at least one classifier is needed.", nameof(classifiers));
        }
        this.classifiers = classifiers.ToArray();
        for (var k = 0; k < this.classifiers.Length; k++)
        {
            ArgumentNullException.ThrowIfNull(this.classifiers[k], nameof(classifiers));
            register_module($"classifier{k}", this.classifiers[k]);
        }
        weights = nn.Parameter(zeros(this.classifiers.Length));
        register_parameter("weights", weights);
    }

    /// <summary>How many source models there are.</summary>
    public int Count => classifiers.Length;

    /// <summary>The share w of each source model at present, <c>[K]</c>, of sum 1; the caller disposes them.</summary>
    public Tensor Shares()
    {
        using var scope = NewDisposeScope();
        var open = weights.sigmoid();
        return (open / open.sum()).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var each = stack([.. Features(input).Zip(classifiers, (own, classifier) => classifier.call(own))], 2);
        return each.matmul(Shares().to(each.dtype)).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        using var quiet = no_grad();
        var example = Features(graph.ExampleOf(inputs));
        var widths = tensor(Array.ConvertAll(example, own => own.shape[1]));
        var parts = graph.Operators("Split", Count, [inputs, graph.Constant(widths)], ("axis", 1L));
        var shares = Shares();
        return parts
            .Select(
                (part, k) =>
                    graph.Multiply(
                        graph.Part(classifiers[k], graph.WithExample(part, example[k]), $"classifier{k}"),
                        graph.Constant(shares[k])
                    )
            )
            .Aggregate(graph.Add);
    }

    /// <summary>The features of each source model's network. Opens no scope.</summary>
    internal Tensor[] Features(Tensor input)
    {
        Guard.Rows(input);
        return input.shape[1] % Count == 0
            ? input.chunk(Count, 1)
            : throw new ArgumentException(
                $"input must hold the features of {Count} networks of one width side by side; got {Shape.Of(input)}.",
                nameof(input)
            );
    }

    /// <summary>The scores of one source model's classifier.</summary>
    internal Tensor Scores(int model, Tensor features) => classifiers[model].call(features);
}
