using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// ARM-CML: an extractor that reads each row beside a context, which a second network draws from all rows that pass
/// together, without their labels.
/// </summary>
/// <remarks>
/// <c>g([x, c])</c> with <c>c = 1/n sum_i phi(x_i)</c> over the rows of the pass, beside the channels of each row
/// (Zhang, Marklund, Dhawan, Gupta, Levine and Finn 2021, "Adaptive Risk Minimization: Learning to Adapt to Domain
/// Shift", the contextual model). Trained by the risk of batches that are of one domain each, as a step's are, it
/// learns to read the domain off the batch; rows that are predicted together are to be of one domain. Gradients flow
/// through the context. Both parts stay the caller's.
/// </remarks>
[SavedPart("contextual-extractor")]
public sealed class ContextualExtractor : IFeatureExtractor, IComposite, ISavedPart, IGraphPart, IPlanned
{
    private IFeatureExtractor? context;
    private IFeatureExtractor? extractor;

    private ContextualExtractor() { } // filled by Exchange

    /// <summary>Puts a context beside rows.</summary>
    /// <param name="context">
    /// The context network phi, inputs <c>[n, c, ...]</c> to <c>[n, k, ...]</c> of the same places: of rows
    /// <c>[n, c]</c> to <c>[n, k]</c>, of images <c>[n, c, h, w]</c> to <c>[n, k, h, w]</c>.
    /// </param>
    /// <param name="extractor">The extractor g of <c>[n, c + k, ...]</c>.</param>
    public ContextualExtractor(IFeatureExtractor context, IFeatureExtractor extractor)
    {
        this.context = context ?? throw new ArgumentNullException(nameof(context));
        this.extractor = extractor ?? throw new ArgumentNullException(nameof(extractor));
    }

    /// <inheritdoc />
    public IReadOnlyList<IPart> Inner => [context!, extractor!];

    /// <inheritdoc />
    public bool HasGradient => context!.HasGradient && extractor!.HasGradient;

    /// <summary>The features of rows that are all of one domain.</summary>
    /// <param name="inputs">Inputs <c>[n, c, ...]</c>.</param>
    /// <returns>Features <c>[n, d]</c>; the caller disposes them.</returns>
    public Tensor Extract(Tensor inputs)
    {
        Guard.Alive(inputs);
        using var scope = NewDisposeScope();
        return extractor!.Extract(Beside(inputs, context!.Extract(inputs))).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Part("context", ref context);
        state.Part("extractor", ref extractor);
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs) =>
        graph.Refuse("a row is read beside the others of its batch: a file, whose rows stand alone, cannot.");

    IEnumerable<string> IPlanned.Faults(ChainPlan plan)
    {
        if (plan.Current is NetworkTraining && plan.Training.Passes == DomainPasses.Joined)
        {
            yield return "reads a domain off the rows that pass together: take DomainPasses.Apart.";
        }
        var specific = Inner
            .SelectMany(part => part.WithInner())
            .FirstOrDefault(part => part is IDomainSpecific and not (ExtractorChain or TappedExtractor));
        if (specific is not null)
        {
            yield return $"knows no domains and would not tell them to its {specific.GetType().Name}: take parts that "
                + "serve every domain alike.";
        }
    }

    private static Tensor Beside(Tensor inputs, Tensor drawn)
    {
        if (
            inputs.dim() < 2
            || drawn.dim() != inputs.dim()
            || drawn.shape[0] != inputs.shape[0]
            || !drawn.shape.Skip(2).SequenceEqual(inputs.shape.Skip(2))
        )
        {
            throw new ArgumentException(
                $"the context must be [n, k, ...] of the inputs' rows and places, which are {Shape.Of(inputs)}; got "
                    + $"{Shape.Of(drawn)}.",
                nameof(inputs)
            );
        }
        return cat([inputs, drawn.mean([0L], keepdim: true).expand(drawn.shape).to(inputs.dtype)], 1);
    }
}
