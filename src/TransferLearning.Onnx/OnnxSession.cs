using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace TransferLearning.Onnx;

/// <summary>A model that OnnxRuntime has loaded: tensors of TorchSharp go in and come out.</summary>
/// <remarks>Many threads may run it; what is disposed meanwhile goes when the last of them is done.</remarks>
internal sealed class OnnxSession : IDisposable
{
    private readonly InferenceSession session;
    private readonly Lock counting = new();
    private int running;
    private bool isDisposed;

    private OnnxSession(InferenceSession session) => this.session = session;

    public IReadOnlyDictionary<string, NodeMetadata> Inputs => session.InputMetadata;

    public IReadOnlyDictionary<string, NodeMetadata> Outputs => session.OutputMetadata;

    /// <summary>Loads a model.</summary>
    /// <param name="open">Makes the session.</param>
    /// <param name="threads">Threads that compute one operator; null for as many as TorchSharp computes with.</param>
    /// <param name="configure">What else the caller asks of the session.</param>
    /// <param name="name">What an error calls the model.</param>
    /// <exception cref="InvalidDataException">OnnxRuntime does not read it.</exception>
    public static OnnxSession Open(
        Func<SessionOptions, InferenceSession> open,
        int? threads,
        Action<SessionOptions>? configure,
        string name
    )
    {
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        options.IntraOpNumThreads = threads ?? get_num_threads();
        options.InterOpNumThreads = 1;
        configure?.Invoke(options);
        try
        {
            return new OnnxSession(open(options));
        }
        catch (OnnxRuntimeException fault)
        {
            throw new InvalidDataException(
                $"{name} is no model that OnnxRuntime reads: {FirstLine(fault)} A damaged file and an operator of a "
                    + "newer version are the common reasons.",
                fault
            );
        }
    }

    /// <summary>Runs the model.</summary>
    /// <param name="inputs">Tensors by the names of inputs, in their element types.</param>
    /// <param name="outputs">The names of the outputs that are asked for.</param>
    /// <param name="cancellationToken">Stops the run between two operators.</param>
    /// <returns>The outputs on the CPU, in the caller's scope.</returns>
    /// <exception cref="ArgumentException">The model refuses the inputs.</exception>
    /// <exception cref="ObjectDisposedException">The session has been disposed.</exception>
    public Tensor[] Run(
        IReadOnlyList<(string Name, Tensor Values)> inputs,
        IReadOnlyList<string> outputs,
        CancellationToken cancellationToken = default
    )
    {
        lock (counting)
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            running++;
        }
        var given = new List<OrtValue>();
        try
        {
            foreach (var (_, values) in inputs)
            {
                given.Add(ToOrt(values));
            }
            using var options = new RunOptions();
            using var stop = cancellationToken.Register(() => options.Terminate = true);
            using var results = session.Run(options, [.. inputs.Select(input => input.Name)], given, outputs);
            return [.. results.Select(ToTensor)];
        }
        catch (OnnxRuntimeException fault)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ArgumentException(
                $"the ONNX model does not compute on these inputs ({Text(inputs)}): {FirstLine(fault)}",
                nameof(inputs),
                fault
            );
        }
        finally
        {
            given.ForEach(value => value.Dispose());
            Release(() => running--);
        }
    }

    public void Dispose() => Release(() => isDisposed = true);

    // OnnxRuntime frees a session without asking who computes in it.
    private void Release(Action change)
    {
        lock (counting)
        {
            change();
            if (isDisposed && running == 0)
            {
                session.Dispose();
            }
        }
    }

    private static OrtValue ToOrt(Tensor values)
    {
        using var here = values.detach().cpu();
        using var dense = here.contiguous();
        var value = OrtValue.CreateAllocatedTensorValue(
            OrtAllocator.DefaultInstance,
            ElementTypes.Of(dense.dtype)!.Value,
            dense.shape
        );
        dense.bytes.CopyTo(value.GetTensorMutableRawData());
        return value;
    }

    private static Tensor ToTensor(OrtValue value)
    {
        var about = value.GetTensorTypeAndShape();
        var dtype =
            ElementTypes.Of(about.ElementDataType)
            ?? throw new ArgumentException($"an output is of the type {about.ElementDataType}, which no tensor has.");
        var tensor = empty(about.Shape, dtype);
        value.GetTensorMutableRawData().CopyTo(tensor.bytes);
        return tensor;
    }

    private static string Text(IReadOnlyList<(string Name, Tensor Values)> inputs) =>
        string.Join(
            ", ",
            inputs.Select(input => $"{input.Name}: {input.Values.dtype} [{string.Join(", ", input.Values.shape)}]")
        );

    private static string FirstLine(Exception fault) => fault.Message.Split('\n')[0].TrimEnd('.', ' ') + ".";
}
