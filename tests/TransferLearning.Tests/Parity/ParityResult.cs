using static TorchSharp.torch;

namespace TransferLearning.Tests.Parity;

/// <summary>
/// What an adapter computed: outputs by name, and the scalars to differentiate for recorded gradients.
/// </summary>
public sealed class ParityResult
{
    private readonly Dictionary<string, Tensor> outputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> notOffered = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> leadingOnly = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor> gradients = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, Tensor> Outputs => outputs;

    /// <summary>Outputs that the library deliberately does not offer, with the reason.</summary>
    public IReadOnlyDictionary<string, string> NotOffered => notOffered;

    /// <summary>Gradients that the adapter computed itself, by the fixture's gradient key.</summary>
    public IReadOnlyDictionary<string, Tensor> Gradients => gradients;

    /// <summary>
    /// The scalar whose gradients are recorded, where it is not the output named "loss" (or before the slash).
    /// </summary>
    public Tensor? Differentiated { get; private set; }

    /// <summary>Adds an output.</summary>
    public ParityResult With(string name, Tensor value)
    {
        outputs.Add(name, value);
        return this;
    }

    /// <summary>
    /// Outputs of which only the first entries are the paper's, with the reason: the expected ones are cut to as many.
    /// </summary>
    public IReadOnlyDictionary<string, string> LeadingOnly => leadingOnly;

    /// <summary>Adds an output whose later entries (along the first dimension) a peer's fault has spoilt.</summary>
    public ParityResult WithLeading(string name, Tensor value, string reason)
    {
        leadingOnly.Add(name, reason);
        return With(name, value);
    }

    public ParityResult With(string name, double value) => With(name, tensor(value, dtype: float64));

    public ParityResult Differentiate(Tensor scalar)
    {
        Differentiated = scalar;
        return this;
    }

    public ParityResult WithGradient(string key, Tensor value)
    {
        gradients.Add(key, value);
        return this;
    }

    /// <summary>Leaves an output out, for a reason that is printed.</summary>
    public ParityResult Declines(string name, string reason)
    {
        notOffered.Add(name, reason);
        return this;
    }
}
