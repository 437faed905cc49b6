namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <remarks>
        /// The file holds no magic number: the count of entries, then for each its key and its tensor; parameters come
        /// first (depth first), then the persistent buffers. Counts are little-endian base-128 numbers.
        /// </remarks>
        public partial class Module
        {
            public virtual Dictionary<string, Tensor> state_dict(
                Dictionary<string, Tensor>? destination = null,
                string? prefix = null
            )
            {
                destination ??= new Dictionary<string, Tensor>(StringComparer.Ordinal);
                foreach (var (parameterName, parameter) in named_parameters())
                {
                    destination.TryAdd(Prefixed(parameterName), parameter);
                }
                foreach (var (bufferName, buffer) in named_buffers(recurse: true, include_nonpersistent: false))
                {
                    destination.TryAdd(Prefixed(bufferName), buffer);
                }
                // A child that contributes keys of its own making overrides state_dict; those already there stay.
                foreach (var (childName, child) in submodules)
                {
                    child.state_dict(destination, Prefixed(childName));
                }
                return destination;

                string Prefixed(string key) => string.IsNullOrEmpty(prefix) ? key : $"{prefix}.{key}";
            }

            public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(
                Dictionary<string, Tensor> source,
                bool strict = true,
                IList<string>? skip = null
            )
            {
                ArgumentNullException.ThrowIfNull(source);
                var destination = state_dict();
                var missing = destination.Keys.Where(key => !source.ContainsKey(key) && !IsSkipped(key)).ToList();
                var unexpected = source.Keys.Where(key => !destination.ContainsKey(key) && !IsSkipped(key)).ToList();
                if (strict && (missing.Count > 0 || unexpected.Count > 0))
                {
                    throw new InvalidOperationException(
                        "The loaded state_dict is not identical to the target dictionary: "
                            + $"missing [{string.Join(", ", missing)}], unexpected [{string.Join(", ", unexpected)}]."
                    );
                }
                var pairs = source
                    .Where(entry => destination.ContainsKey(entry.Key) && !IsSkipped(entry.Key))
                    .Select(entry => (entry.Key, From: entry.Value, To: destination[entry.Key]))
                    .ToList();
                foreach (var (key, from, to) in pairs)
                {
                    if (!from.shape.AsSpan().SequenceEqual(to.shape))
                    {
                        throw new ArgumentException(
                            $"'{key}' has shape [{string.Join(", ", from.shape)}], the module expects [{string.Join(", ", to.shape)}].",
                            nameof(source)
                        );
                    }
                }
                using (no_grad())
                {
                    foreach (var (_, from, to) in pairs)
                    {
                        Copy.InvokeVoid(to, from);
                    }
                }
                return (missing, unexpected);

                bool IsSkipped(string key) => skip is not null && skip.Contains(key);
            }

            public Module save(string location, IList<string>? skip = null)
            {
                using var stream = File.Create(location);
                return save(stream, skip);
            }

            /// <summary>Writes the state and, as the original does, closes the stream.</summary>
            public Module save(Stream stream, IList<string>? skip = null)
            {
                using var writer = new BinaryWriter(stream);
                return save(writer, skip);
            }

            public Module save(BinaryWriter writer, IList<string>? skip = null)
            {
                save_state_dict(writer, state_dict(), skip);
                return this;
            }

            public static void save_state_dict(
                BinaryWriter writer,
                Dictionary<string, Tensor> sd,
                IList<string>? skip = null
            )
            {
                ArgumentNullException.ThrowIfNull(writer);
                ArgumentNullException.ThrowIfNull(sd);
                var entries = sd.Where(entry => skip is null || !skip.Contains(entry.Key)).ToList();
                writer.Write7BitEncodedInt(entries.Count);
                foreach (var (key, tensor) in entries)
                {
                    writer.Write(key);
                    tensor.Save(writer);
                }
            }

            public virtual Module load(
                string location,
                bool strict = true,
                IList<string>? skip = null,
                Dictionary<string, bool>? loadedParameters = null
            )
            {
                using var stream = File.OpenRead(location);
                return load(stream, strict, skip, loadedParameters);
            }

            /// <summary>Reads the state and, as the original does, closes the stream.</summary>
            public Module load(
                Stream stream,
                bool strict = true,
                IList<string>? skip = null,
                Dictionary<string, bool>? loadedParameters = null
            )
            {
                using var reader = new BinaryReader(stream);
                return load(reader, strict, skip, loadedParameters);
            }

            public virtual Module load(
                BinaryReader reader,
                bool strict = true,
                IList<string>? skip = null,
                Dictionary<string, bool>? loadedParameters = null
            )
            {
                ArgumentNullException.ThrowIfNull(reader);
                var destination = state_dict();
                var entries = reader.Read7BitEncodedInt();
                if (strict && entries != destination.Count)
                {
                    throw new ArgumentException(
                        $"Mismatched state_dict sizes: expected {destination.Count}, but found {entries} entries.",
                        nameof(reader)
                    );
                }
                foreach (var key in destination.Keys)
                {
                    loadedParameters?.TryAdd(key, false);
                }
                for (var entry = 0; entry < entries; entry++)
                {
                    var key = reader.ReadString();
                    var isKnown = destination.TryGetValue(key, out var tensor);
                    if (!isKnown && strict)
                    {
                        throw new ArgumentException(
                            $"Mismatched module state names: the target module has no parameter or buffer named '{key}'.",
                            nameof(reader)
                        );
                    }
                    var isSkipped = !isKnown || (skip is not null && skip.Contains(key));
                    if (isKnown)
                    {
                        tensor!.Load(reader, isSkipped);
                    }
                    else
                    {
                        TensorExtensionMethods.Load(reader, skip: true)?.Dispose();
                    }
                    if (loadedParameters is not null)
                    {
                        loadedParameters[key] = !isSkipped;
                    }
                }
                return this;
            }

            public static Module Create<T>(string path)
                where T : Module, new() => new T().load(path);

            private static readonly Operator Copy = new("aten::copy_");
        }
    }
}
