using System.Collections;
using TorchSharp.PyBridge;
using static TorchSharp.torch;

namespace TransferLearning.Vision;

/// <summary>Files of trained parameters, as tensors by name.</summary>
internal static class WeightFile
{
    /// <summary>Reads a file by its ending; the tensors belong to the present scope.</summary>
    public static IReadOnlyDictionary<string, Tensor> Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"There is no file '{path}'.", path);
        }
        Func<string, IReadOnlyDictionary<string, Tensor>> reader = Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".PTH" or ".PT" or ".BIN" => OfPyTorch,
            ".DAT" or ".WEIGHTS" => OfTorchSharp,
            ".SAFETENSORS" => file => Safetensors.LoadStateDict(file),
            var ending => throw new InvalidDataException(
                $"'{path}': weights are read from .pth, .pt, .bin, .safetensors, .dat and .weights files, not from "
                    + $"'{ending}'."
            ),
        };
        IReadOnlyDictionary<string, Tensor> tensors;
        try
        {
            tensors = reader(path);
        }
        catch (Exception fault)
            when (fault
                    is EndOfStreamException
                        or not (OutOfMemoryException or IOException or UnauthorizedAccessException)
            )
        {
            throw new InvalidDataException($"'{path}' could not be read as a file of weights: {fault.Message}", fault);
        }
        return tensors.Count > 0
            ? tensors
            : throw new InvalidDataException(
                $"'{path}' holds no state dictionary: save one in Python by torch.save(model.state_dict(), path)."
            );
    }

    // What a module's save(path) of TorchSharp writes: how many entries there are, and of each its name and the tensor.
    private static Dictionary<string, Tensor> OfTorchSharp(string path)
    {
        using var file = File.OpenRead(path);
        using var reader = new BinaryReader(file);
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        for (var left = reader.Read7BitEncodedInt64(); left > 0; left--)
        {
            var name = reader.ReadString();
            tensors.Add(name, Tensor.Load(reader));
        }
        return file.Position == file.Length
            ? tensors
            : throw new InvalidDataException($"{file.Length - file.Position} bytes are left behind its last entry");
    }

    private static Dictionary<string, Tensor> OfPyTorch(string path)
    {
        IDictionary read = PyTorchUnpickler.UnpickleStateDict(path);
        // Training programs often wrap the state dictionary.
        foreach (var wrapper in new[] { "state_dict", "model_state_dict", "model" })
        {
            if (read[wrapper] is IDictionary inner)
            {
                read = inner;
            }
        }
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in read)
        {
            if (entry is { Key: string name, Value: Tensor value })
            {
                // Networks that were trained on several devices have this prefix.
                tensors[name.StartsWith("module.", StringComparison.Ordinal) ? name["module.".Length..] : name] = value;
            }
        }
        return tensors;
    }
}
