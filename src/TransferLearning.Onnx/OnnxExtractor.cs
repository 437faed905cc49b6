using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace TransferLearning.Onnx;

/// <summary>
/// Any ONNX model as a frozen extractor: images or rows <c>[n, ...]</c>, or token ids <c>[n, length]</c>, become
/// features <c>[n, d]</c> that OnnxRuntime computes.
/// </summary>
/// <remarks>
/// <para>
/// No gradient passes and nothing can be trained: it stands in <c>Frozen(extractor)</c>, and later stages work on its
/// features. Inputs on a GPU are copied to the CPU, and features go back to the inputs' device. Numbers are brought to
/// the dtype that the model asks for, real ones among themselves and whole ones among themselves; features have the
/// inputs' dtype, float32 where those are whole numbers. Many threads may extract.
/// </para>
/// <para>
/// A model file (<see cref="AdaptedModel.Save"/>) holds the whole ONNX model, so that it is complete by itself. Call
/// <c>SavedParts.Register&lt;OnnxExtractor&gt;()</c> once before one is loaded. For that the extractor keeps the file's
/// bytes, besides what OnnxRuntime keeps.
/// </para>
/// </remarks>
[SavedPart("transferlearning.onnx-extractor")]
public sealed class OnnxExtractor : IFeatureExtractor, ISavedPart, IDisposable
{
    private const string TokenInput = "input_ids";

    private OnnxExtractorOptions options = new();
    private Tensor? model; // the file's bytes
    private OnnxSession? session;
    private string input = "";
    private string output = "";

    private OnnxExtractor() { } // filled by Exchange

    private OnnxExtractor(byte[] model, OnnxExtractorOptions options, string name)
    {
        Open(model, options, name);
        this.model = tensor(model).DetachFromDisposeScope();
    }

    /// <inheritdoc />
    public bool HasGradient => false;

    /// <summary>The input that gets the rows.</summary>
    public string InputName => input;

    /// <summary>The output that the features are made of.</summary>
    public string OutputName => output;

    /// <summary>Reads a model from a file.</summary>
    /// <param name="path">The file, 2 GB at most, with its weights inside.</param>
    /// <param name="options">Names, pooling, padding, batches; null for the defaults.</param>
    /// <returns>The extractor; the caller disposes it.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no model that OnnxRuntime reads, or too large.</exception>
    /// <exception cref="ArgumentException">
    /// The options do not fit the model; the message names the inputs or outputs that it has.
    /// </exception>
    public static OnnxExtractor From(string path, OnnxExtractorOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = new FileInfo(path);
        if (file.Exists && file.Length > Array.MaxLength)
        {
            throw new InvalidDataException(
                $"'{path}' has {file.Length} bytes; an ONNX model has {Array.MaxLength} at most."
            );
        }
        return new OnnxExtractor(File.ReadAllBytes(path), options ?? new(), $"'{path}'");
    }

    /// <summary>Reads a model from memory.</summary>
    /// <param name="model">What a file would hold; it is copied.</param>
    /// <param name="options">Names, pooling, padding, batches; null for the defaults.</param>
    /// <returns>The extractor; the caller disposes it.</returns>
    /// <exception cref="InvalidDataException">It is no model that OnnxRuntime reads.</exception>
    /// <exception cref="ArgumentException">
    /// The options do not fit the model; the message names the inputs or outputs that it has.
    /// </exception>
    public static OnnxExtractor From(ReadOnlySpan<byte> model, OnnxExtractorOptions? options = null) =>
        new(model.ToArray(), options ?? new(), "what was given");

    /// <inheritdoc />
    /// <exception cref="ArgumentException">
    /// The inputs' dtype, number of dimensions or sizes are not those that the model asks for.
    /// </exception>
    /// <exception cref="OperationCanceledException">
    /// The fit around it was canceled; it stops between two operators.
    /// </exception>
    public Tensor Extract(Tensor inputs) => Extract(inputs, FitContext.CurrentCancellation);

    /// <summary>Computes the features of a batch of inputs, and stops when it is asked to.</summary>
    /// <param name="inputs">Inputs <c>[n, ...]</c>.</param>
    /// <param name="cancellationToken">Stops the run between two operators.</param>
    /// <returns>Features <c>[n, d]</c>, on the inputs' device; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">
    /// The inputs' dtype, number of dimensions or sizes are not those that the model asks for.
    /// </exception>
    /// <exception cref="OperationCanceledException">The run was canceled.</exception>
    public Tensor Extract(Tensor inputs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ObjectDisposedException.ThrowIf(inputs.IsInvalid, inputs);
        var running = session;
        ObjectDisposedException.ThrowIf(running is null, this);
        var asked = running.Inputs[input];
        Check(inputs, asked);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var rows = inputs.detach().cpu().to(ElementTypes.Of(asked.ElementDataType)!.Value);
        var most = asked.Dimensions is [> 0 and var made, ..] ? made : options.BatchSize;
        var isFixed = asked.Dimensions is [> 0, ..];
        var parts = new List<Tensor>();
        for (long start = 0; start == 0 || start < rows.shape[0]; start += most)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(most, rows.shape[0] - start);
            // A model of a fixed number of rows, or none at all, gets rows of zeros besides.
            var missing =
                isFixed ? most - count
                : count == 0 ? 1
                : 0;
            var some = rows.narrow(0, start, count);
            var whole = missing > 0 ? cat([some, zeros([missing, .. rows.shape[1..]], rows.dtype)]) : some;
            parts.Add(Pooled(running, whole, cancellationToken).narrow(0, 0, count));
        }
        var features = parts.Count == 1 ? parts[0] : cat([.. parts]);
        return features
            .to(inputs.is_floating_point() ? inputs.dtype : ScalarType.Float32)
            .to(inputs.device)
            .MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        ObjectDisposedException.ThrowIf(!state.IsLoading && session is null, this);
        var (inputName, outputName) = (input, output);
        var (mask, types) = (options.AttentionMaskName, options.TokenTypesName);
        var pooling = options.Pooling.ToString();
        var (batch, padding) = (options.BatchSize, options.PaddingId ?? 0);
        long hasPadding = options.PaddingId is null ? 0 : 1;
        state.Slot("model", ref model);
        state.Text("input", ref inputName);
        state.Text("output", ref outputName);
        state.Text("attention mask", ref mask);
        state.Text("token types", ref types);
        state.Text("pooling", ref pooling);
        state.Number("batch size", ref batch);
        state.Number("has padding", ref hasPadding);
        state.Number("padding", ref padding);
        if (!state.IsLoading)
        {
            return;
        }
        if (model is null)
        {
            throw new InvalidDataException("the state holds no ONNX model.");
        }
        if (!Enum.TryParse<OnnxPooling>(pooling, out var known) || !Enum.IsDefined(known))
        {
            throw new InvalidDataException($"the state asks for the pooling '{pooling}', which is unknown here.");
        }
        using var here = model.cpu();
        try
        {
            Open(
                here.bytes.ToArray(),
                options with
                {
                    InputName = inputName,
                    OutputName = outputName,
                    AttentionMaskName = mask,
                    TokenTypesName = types,
                    Pooling = known,
                    BatchSize = batch,
                    PaddingId = hasPadding == 1 ? padding : null,
                },
                "the model in the file"
            );
        }
        catch (Exception fault)
        {
            Dispose();
            if (fault is ArgumentException)
            {
                throw new InvalidDataException($"the state does not fit its ONNX model: {fault.Message}", fault);
            }
            throw;
        }
    }

    /// <summary>Disposes the session and the kept bytes.</summary>
    public void Dispose()
    {
        model?.Dispose();
        session?.Dispose();
        session = null;
    }

    private void Open(byte[] bytes, OnnxExtractorOptions wanted, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(wanted.BatchSize, 1);
        if (wanted.Threads is { } threads)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        }
        ExternalWeights.Refuse(bytes, name);
        var opened = OnnxSession.Open(it => new InferenceSession(bytes, it), wanted.Threads, wanted.Configure, name);
        try
        {
            input = Chosen(wanted.InputName, opened.Inputs, "input", nameof(OnnxExtractorOptions.InputName));
            output = Chosen(wanted.OutputName, opened.Outputs, "output", nameof(OnnxExtractorOptions.OutputName));
            CheckOthers(opened, wanted);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
        session?.Dispose();
        (session, options) = (opened, wanted);
    }

    private static string Chosen(
        string? wanted,
        IReadOnlyDictionary<string, NodeMetadata> all,
        string kind,
        string option
    )
    {
        var names = string.Join(", ", all.Select(pair => $"'{pair.Key}' {Text(pair.Value)}"));
        if (wanted is not null)
        {
            return all.ContainsKey(wanted)
                ? wanted
                : throw new ArgumentException($"the model has no {kind} '{wanted}'; it has {names}.", option);
        }
        return all.Count == 1 ? all.Keys.Single()
            : all.ContainsKey(TokenInput) ? TokenInput
            : throw new ArgumentException($"the model has several {kind}s, {names}: name one by {option}.", option);
    }

    private void CheckOthers(OnnxSession opened, OnnxExtractorOptions wanted)
    {
        string[] known = [input, wanted.AttentionMaskName, wanted.TokenTypesName];
        foreach (var (name, about) in opened.Inputs)
        {
            if (!known.Contains(name, StringComparer.Ordinal))
            {
                throw new ArgumentException(
                    $"the model also asks for the input '{name}' {Text(about)}, and nothing here gives it: rows go to "
                        + $"'{input}', a mask to '{wanted.AttentionMaskName}', zeros to '{wanted.TokenTypesName}'."
                );
            }
            if (!about.IsTensor || ElementTypes.Of(about.ElementDataType) is null)
            {
                throw new ArgumentException(
                    $"the model's input '{name}' is {about.ElementDataType}; tensors of numbers are given."
                );
            }
        }
        if (input != wanted.AttentionMaskName && opened.Inputs.ContainsKey(wanted.AttentionMaskName))
        {
            if (wanted.PaddingId is null)
            {
                throw new ArgumentException(
                    $"the model asks for '{wanted.AttentionMaskName}': set PaddingId to the token id that fills up "
                        + "short rows (0 in BERT's vocabularies, 1 in RoBERTa's), or to -1 where no row is filled up.",
                    nameof(OnnxExtractorOptions.PaddingId)
                );
            }
            if (
                wanted.PaddingId >= 0
                && is_floating_point(ElementTypes.Of(opened.Inputs[input].ElementDataType)!.Value)
            )
            {
                throw new ArgumentException(
                    $"PaddingId is {wanted.PaddingId}, and the model's input '{input}' takes real numbers, of which "
                        + "none is a token: set it to -1, the mask is then 1 everywhere.",
                    nameof(OnnxExtractorOptions.PaddingId)
                );
            }
        }
        if (!opened.Outputs[output].IsTensor || ElementTypes.Of(opened.Outputs[output].ElementDataType) is null)
        {
            throw new ArgumentException($"the model's output '{output}' is no tensor of numbers: name another one.");
        }
    }

    private void Check(Tensor inputs, NodeMetadata asked)
    {
        var wanted = ElementTypes.Of(asked.ElementDataType)!.Value;
        var dtypesFit = is_floating_point(wanted) == inputs.is_floating_point();
        // Without dimensions the model says nothing of them.
        var dimensions = asked.Dimensions;
        var shapesFit =
            dimensions.Length == 0
            || (
                inputs.dim() == dimensions.Length
                && dimensions
                    .Skip(1)
                    .Zip(inputs.shape.Skip(1))
                    .All(pair => pair.First <= 0 || pair.First == pair.Second)
            );
        if (!dtypesFit || !shapesFit || inputs.dim() < 2)
        {
            throw new ArgumentException(
                $"inputs must be {Text(asked)} for the model's input '{input}'; got {inputs.dtype} "
                    + $"[{string.Join(", ", inputs.shape)}].",
                nameof(inputs)
            );
        }
    }

    private Tensor Pooled(OnnxSession running, Tensor rows, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var given = new List<(string, Tensor)> { (input, rows) };
        var mask = is_floating_point(rows.dtype) ? null : rows.ne(options.PaddingId ?? -1);
        foreach (var (name, about) in running.Inputs.Where(pair => pair.Key != input))
        {
            var dtype = ElementTypes.Of(about.ElementDataType)!.Value;
            // Of rows of real numbers none fills up.
            var values =
                name == options.AttentionMaskName ? mask?.to(dtype) ?? ones_like(rows, dtype) : zeros_like(rows, dtype);
            given.Add((name, values));
        }
        var result = running.Run(given, [output], cancellationToken)[0];
        if (result.dim() < 1 || result.shape[0] != rows.shape[0])
        {
            throw new InvalidDataException(
                $"the model's output '{output}' must have a row for each input; got "
                    + $"[{string.Join(", ", result.shape)}] for {rows.shape[0]} rows."
            );
        }
        var features = options.Pooling switch
        {
            OnnxPooling.TokenMean => TokenMean(Tokens(result), options.PaddingId is null or -1 ? null : mask),
            OnnxPooling.FirstToken => Tokens(result).select(1, 0),
            OnnxPooling.PlaceMean => result.dim() > 2 ? result.flatten(2).mean([2L]) : result,
            _ => result.reshape(result.shape[0], -1),
        };
        return features.MoveToOuterDisposeScope();
    }

    private Tensor Tokens(Tensor result) =>
        result.dim() == 3
            ? result
            : throw new InvalidOperationException(
                $"the pooling {options.Pooling} needs an output [n, length, d]; '{output}' is "
                    + $"[{string.Join(", ", result.shape)}]: name another output, or take OnnxPooling.Flatten."
            );

    private Tensor TokenMean(Tensor tokens, Tensor? mask)
    {
        if (mask is null)
        {
            return tokens.mean([1L]);
        }
        if (mask.dim() != 2 || mask.shape[1] != tokens.shape[1])
        {
            throw new InvalidOperationException(
                $"the pooling TokenMean leaves out tokens that fill up, and '{output}' has {tokens.shape[1]} for "
                    + $"inputs [{string.Join(", ", mask.shape)}]: name another output, or take another pooling."
            );
        }
        var counted = mask.to(tokens.dtype).unsqueeze(2);
        var count = counted.sum(dim: 1);
        // What fills up may be anything, NaN too.
        var kept = where(mask.ne(zeros_like(mask)).unsqueeze(2), tokens, zeros_like(tokens));
        return kept.sum(dim: 1) / count.maximum(ones_like(count));
    }

    private static string Text(NodeMetadata about)
    {
        var sizes = about.Dimensions.Select(size => size > 0 ? $"{size}" : "any");
        return about.IsTensor
            ? $"{about.ElementDataType} [{string.Join(", ", sizes)}]"
            : about.OnnxValueType.ToString();
    }
}
