using System.Text.Json;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Parity;

/// <summary>What an adapter may see of a case: its function, parameters and inputs.</summary>
public sealed class ParityInputs
{
    private readonly JsonElement parameters;
    private readonly JsonElement inputs;
    private readonly Dictionary<string, Tensor> tensors = new(StringComparer.Ordinal);

    public ParityInputs(JsonElement root)
    {
        Function = root.GetProperty("function").GetString()!;
        parameters = root.GetProperty("params");
        inputs = root.GetProperty("inputs");
        WantsGradient = root.TryGetProperty("gradients", out var gradients)
            ? [.. gradients.EnumerateObject().Select(property => property.Name[(property.Name.LastIndexOf('/') + 1)..])]
            : [];
    }

    public string Function { get; }

    /// <summary>The names of the inputs whose gradients are recorded: these tensors require gradients.</summary>
    public HashSet<string> WantsGradient { get; }

    public IReadOnlyDictionary<string, Tensor> Tensors => tensors;

    /// <summary>An input tensor, float64 or int64; the same object each time.</summary>
    public Tensor this[string name]
    {
        get
        {
            if (!tensors.TryGetValue(name, out var value))
            {
                value = ParityJson.Tensor(inputs.GetProperty(name)).DetachFromDisposeScope();
                value.requires_grad = WantsGradient.Contains(name) && value.is_floating_point();
                tensors[name] = value;
            }
            return value;
        }
    }

    public bool HasInput(string name) => inputs.TryGetProperty(name, out _);

    public bool HasParameter(string name) =>
        parameters.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    public double Number(string name) => parameters.GetProperty(name).GetDouble();

    public double InputNumber(string name) => inputs.GetProperty(name).GetDouble();

    public int Integer(string name) => (int)parameters.GetProperty(name).GetDouble();

    public bool Flag(string name) => parameters.GetProperty(name).GetBoolean();

    public string Text(string name) => parameters.GetProperty(name).GetString()!;

    public JsonElement Parameter(string name) => parameters.GetProperty(name);

    public double[] Numbers(string name) =>
        [.. parameters.GetProperty(name).EnumerateArray().Select(value => value.GetDouble())];

    /// <summary>A parameter that is recorded as a tensor.</summary>
    public Tensor ParameterTensor(string name) => ParityJson.Tensor(parameters.GetProperty(name));
}
