using static TorchSharp.torch;
using TensorElementType = Microsoft.ML.OnnxRuntime.Tensors.TensorElementType;

namespace TransferLearning.Onnx;

/// <summary>The graph of a model that is being exported, in memory.</summary>
/// <remarks>
/// The field numbers are those of onnx.proto3. Example rows pass every part as it is written; they belong to the scope
/// of the export, as do the constants.
/// </remarks>
internal sealed class GraphWriter(bool singlePrecision) : IGraphWriter
{
    private const long IrVersion = 8;
    private const long Opset = 17;

    private readonly List<OnnxMessage> nodes = [];
    private readonly List<OnnxMessage> constants = [];
    private readonly List<OnnxMessage> inputs = [];
    private readonly List<OnnxMessage> outputs = [];
    private readonly Dictionary<Tensor, GraphValue> kept = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<GraphValue, Tensor> examples = [];
    private readonly Dictionary<string, int> names = new(StringComparer.Ordinal);
    private readonly List<string> faults = [];
    private readonly List<(string Name, object Part)> path = [];

    /// <summary>What could not be written, each by its name.</summary>
    public IReadOnlyList<string> Faults => faults;

    /// <summary>The graph's input; the number of rows is left open.</summary>
    public GraphValue Input(string name, Tensor example)
    {
        names[name] = 1;
        inputs.Add(Described(name, "rows", example));
        return WithExample(new GraphValue(name), example);
    }

    /// <summary>Names a result as an output of the graph.</summary>
    public void Output(string name, GraphValue value, Tensor example)
    {
        nodes.Add(Node("Identity", [value], [new GraphValue(name)], []));
        outputs.Add(Described(name, "rows", example));
    }

    /// <summary>Keeps a name for an output, so that no value inside takes it.</summary>
    public void Reserve(string name) => names[name] = 1;

    /// <inheritdoc />
    public GraphValue Constant(Tensor values)
    {
        if (kept.TryGetValue(values, out var known))
        {
            return known;
        }
        var stored = values.detach().cpu().contiguous();
        if (stored.dtype == ScalarType.Int32 || (singlePrecision && stored.dtype == float64))
        {
            stored = stored.to(stored.dtype == float64 ? float32 : int64);
        }
        if (stored.dtype is not (ScalarType.Float32 or ScalarType.Float64 or ScalarType.Int64 or ScalarType.Bool))
        {
            return Refuse($"it holds numbers of {stored.dtype}: bring the module to float32 first, .to(float32).");
        }
        var value = Named("constant");
        var tensor = new OnnxMessage()
            .WithAll(1, stored.shape.Cast<object>())
            .With(2, (long)ElementTypes.Of(stored.dtype)!.Value)
            .With(8, value.Name)
            .With(9, stored);
        constants.Add(tensor);
        kept[values] = value;
        return WithExample(value, values);
    }

    /// <inheritdoc />
    public GraphValue Operator(
        string name,
        IReadOnlyList<GraphValue> inputs,
        params IReadOnlyList<(string Name, object Value)> attributes
    ) => Operators(name, 1, inputs, attributes)[0];

    /// <inheritdoc />
    public IReadOnlyList<GraphValue> Operators(
        string name,
        int outputs,
        IReadOnlyList<GraphValue> inputs,
        params IReadOnlyList<(string Name, object Value)> attributes
    )
    {
        var results = Enumerable.Range(0, outputs).Select(_ => Named(name)).ToArray();
        nodes.Add(Node(name, inputs, results, attributes));
        return results;
    }

    /// <inheritdoc />
    public GraphValue Wide(GraphValue value) => Cast(value, float64);

    /// <inheritdoc />
    public GraphValue Like(GraphValue value, GraphValue original) => Cast(value, ExampleOf(original).dtype);

    /// <inheritdoc />
    public GraphValue Part(object part, GraphValue inputs, string? name = null)
    {
        var known = part is ModulePart lent ? lent.Module : part;
        path.Add((name ?? known.GetType().Name, known));
        try
        {
            return Computed(known, ExampleOf(inputs)) is not { } result
                ? Refuse("it is neither an extractor, nor a predictor, nor a module from a tensor to a tensor.")
                : WithExample(
                    known switch
                    {
                        IGraphPart own => own.Write(this, inputs),
                        nn.Module<Tensor, Tensor> layer => Layers.Write(this, layer, inputs, result),
                        _ => Refuse(
                            "it has no ONNX operators. Leave it out, or implement IGraphPart where it is your own."
                        ),
                    },
                    result
                );
        }
        finally
        {
            path.RemoveAt(path.Count - 1);
        }
    }

    /// <inheritdoc />
    public Tensor ExampleOf(GraphValue value) =>
        examples.TryGetValue(value, out var example)
            ? example
            : throw new InvalidOperationException(
                $"'{value.Name}' is an operator's result and has no example: call WithExample on it before a part gets "
                    + "it."
            );

    /// <inheritdoc />
    public GraphValue WithExample(GraphValue value, Tensor example)
    {
        examples[value] = example;
        return value;
    }

    /// <inheritdoc />
    public GraphValue Refuse(string reason)
    {
        var (place, part) = path.Count > 0 ? (string.Join('/', path.Select(it => it.Name)), path[^1].Part) : ("", null);
        faults.Add(part is null ? reason : $"{part.GetType().Name} ('{place}'): {reason}");
        return Named("refused");
    }

    /// <summary>The whole model.</summary>
    /// <param name="about">What the file says of itself.</param>
    public OnnxMessage ToModel(IEnumerable<(string Key, string Value)> about)
    {
        var graph = new OnnxMessage()
            .WithAll(1, nodes)
            .With(2, "adapted model")
            .WithAll(5, constants)
            .WithAll(11, inputs)
            .WithAll(12, outputs);
        return new OnnxMessage()
            .With(1, IrVersion)
            .With(2, "TransferLearning")
            .With(7, graph)
            .With(8, new OnnxMessage().With(1, "").With(2, Opset))
            .WithAll(14, about.Select(pair => new OnnxMessage().With(1, pair.Key).With(2, pair.Value)));
    }

    private static Tensor? Computed(object part, Tensor rows) =>
        part switch
        {
            nn.Module<Tensor, Tensor> module => module.call(rows),
            IFeatureExtractor extractor => extractor.Extract(rows),
            ILabelPredictor predictor => predictor.Predict(rows),
            _ => null,
        };

    private GraphValue Cast(GraphValue value, ScalarType dtype) =>
        Operator("Cast", [value], ("to", (long)TypeOf(dtype)));

    private TensorElementType TypeOf(ScalarType dtype) =>
        dtype == float64 && singlePrecision ? TensorElementType.Float
        : ElementTypes.Of(dtype) is { } type ? type
        : throw new NotSupportedException($"rows of {dtype} have no type in ONNX.");

    // A name that says where a value comes from, and that no other has.
    private GraphValue Named(string kind)
    {
        var name = string.Join('/', path.Select(it => it.Name).Append(kind));
        var count = names[name] = names.GetValueOrDefault(name) + 1;
        return new GraphValue(count == 1 ? name : $"{name}_{count}");
    }

    private OnnxMessage Described(string name, string rows, Tensor example)
    {
        var shape = new OnnxMessage()
            .With(1, new OnnxMessage().With(2, rows))
            .WithAll(1, example.shape.Skip(1).Select(size => new OnnxMessage().With(1, size)));
        var tensor = new OnnxMessage().With(1, (long)TypeOf(example.dtype)).With(2, shape);
        return new OnnxMessage().With(1, name).With(2, new OnnxMessage().With(1, tensor));
    }

    private static OnnxMessage Node(
        string name,
        IReadOnlyList<GraphValue> inputs,
        IReadOnlyList<GraphValue> outputs,
        IReadOnlyList<(string Name, object Value)> attributes
    ) =>
        new OnnxMessage()
            .WithAll(1, inputs.Select(input => input.Name))
            .WithAll(2, outputs.Select(output => output.Name))
            .With(3, outputs[0].Name)
            .With(4, name)
            .WithAll(5, attributes.Select(Attribute));

    private static OnnxMessage Attribute((string Name, object Value) attribute)
    {
        var message = new OnnxMessage().With(1, attribute.Name);
        return attribute.Value switch
        {
            double number => message.With(2, (float)number).With(20, 1L),
            long number => message.With(3, number).With(20, 2L),
            string text => message.With(4, text).With(20, 3L),
            long[] numbers => message.WithAll(8, numbers.Cast<object>()).With(20, 7L),
            _ => throw new ArgumentException(
                $"the attribute '{attribute.Name}' must be a long, double, string or long[]; got "
                    + $"{attribute.Value.GetType().Name}.",
                nameof(attribute)
            ),
        };
    }
}
