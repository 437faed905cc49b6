using TorchSharp.Modules;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>
        /// A tree of parameters, buffers and submodules. A derived class assigns them to fields and calls
        /// <see cref="RegisterComponents"/> at the end of its constructor.
        /// </summary>
        public partial class Module : IDisposable
        {
            private readonly OrderedDictionary<string, Parameter> ownParameters = new(StringComparer.Ordinal);
            private readonly OrderedDictionary<string, (Tensor Tensor, bool Persistent)> ownBuffers = new(
                StringComparer.Ordinal
            );
            private readonly OrderedDictionary<string, Module> submodules = new(StringComparer.Ordinal);
            private bool componentsRegistered;
            private bool isTraining = true;

            protected string? name;

            protected Module(string name)
            {
                this.name = name;
            }

            public virtual bool training => isTraining;

            /// <summary>This module's own parameters, which a list of parameters numbers instead of registering.</summary>
            internal virtual IEnumerable<KeyValuePair<string, Parameter>> OwnParameters => ownParameters;

            public virtual string GetName() => name ?? GetType().Name;

            public virtual void train(bool train = true)
            {
                isTraining = train;
                foreach (var (_, child) in named_children())
                {
                    child.train(train);
                }
            }

            public virtual void eval() => train(false);

            public virtual void zero_grad(bool set_to_none = true)
            {
                foreach (var parameter in parameters())
                {
                    using var gradient = parameter.grad;
                    if (gradient is null)
                    {
                        continue;
                    }
                    if (set_to_none)
                    {
                        parameter.grad = null;
                    }
                    else
                    {
                        using var withoutGradient = no_grad();
                        Zero.InvokeVoid(gradient);
                    }
                }
            }

            public virtual Module apply(Action<Module> fn)
            {
                foreach (var (_, child) in named_children())
                {
                    child.apply(fn);
                }
                fn(this);
                return this;
            }

            public virtual IEnumerable<(string name, Module module)> named_children()
            {
                foreach (var (childName, child) in submodules)
                {
                    yield return (childName, child);
                }
            }

            public virtual IEnumerable<Module> children() => named_children().Select(child => child.module);

            /// <summary>The children, then the descendants of each; this module itself is not among them.</summary>
            public virtual IEnumerable<(string name, Module module)> named_modules()
            {
                foreach (var child in named_children())
                {
                    yield return child;
                }
                foreach (var (childName, child) in named_children())
                {
                    foreach (var (descendantName, descendant) in child.named_modules())
                    {
                        yield return ($"{childName}.{descendantName}", descendant);
                    }
                }
            }

            public virtual IEnumerable<Module> modules() => named_modules().Select(module => module.module);

            public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
            {
                var seen = new HashSet<Parameter>(ReferenceEqualityComparer.Instance);
                foreach (var (parameterName, parameter) in OwnParameters)
                {
                    if (seen.Add(parameter))
                    {
                        yield return (parameterName, parameter);
                    }
                }
                if (!recurse)
                {
                    yield break;
                }
                foreach (var (childName, child) in submodules)
                {
                    foreach (var (parameterName, parameter) in child.named_parameters())
                    {
                        if (seen.Add(parameter))
                        {
                            yield return ($"{childName}.{parameterName}", parameter);
                        }
                    }
                }
            }

            public virtual IEnumerable<Parameter> parameters(bool recurse = true)
            {
                var found = new List<Parameter>();
                CollectParameters(found, new HashSet<Parameter>(ReferenceEqualityComparer.Instance), recurse);
                return found;
            }

            public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(
                bool recurse = true,
                bool include_nonpersistent = true
            )
            {
                var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
                foreach (var (bufferName, (buffer, persistent)) in ownBuffers)
                {
                    if ((persistent || include_nonpersistent) && seen.Add(buffer))
                    {
                        yield return (bufferName, buffer);
                    }
                }
                if (!recurse)
                {
                    yield break;
                }
                foreach (var (childName, child) in submodules)
                {
                    foreach (var (bufferName, buffer) in child.named_buffers(true, include_nonpersistent))
                    {
                        if (seen.Add(buffer))
                        {
                            yield return ($"{childName}.{bufferName}", buffer);
                        }
                    }
                }
            }

            public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true) =>
                named_buffers(recurse, include_nonpersistent).Select(buffer => buffer.buffer);

            public virtual bool has_parameter(string target) => get_parameter(target) is not null;

            public virtual bool has_buffer(string target) => get_buffer(target) is not null;

            public virtual Parameter? get_parameter(string target)
            {
                ArgumentNullException.ThrowIfNull(target);
                foreach (var (parameterName, parameter) in OwnParameters)
                {
                    if (string.Equals(parameterName, target, StringComparison.Ordinal))
                    {
                        return parameter;
                    }
                }
                return Descend(target, out var child, out var rest) ? child!.get_parameter(rest) : null;
            }

            public virtual Tensor? get_buffer(string target)
            {
                ArgumentNullException.ThrowIfNull(target);
                if (ownBuffers.TryGetValue(target, out var own))
                {
                    return own.Tensor;
                }
                return Descend(target, out var child, out var rest) ? child!.get_buffer(rest) : null;
            }

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                if (!disposing)
                {
                    return;
                }
                foreach (var (_, parameter) in OwnParameters)
                {
                    parameter.Dispose();
                }
                foreach (var (_, (buffer, _)) in ownBuffers)
                {
                    buffer.Dispose();
                }
                foreach (var (_, child) in submodules)
                {
                    child.Dispose();
                }
            }

            private static readonly Operator Zero = new("aten::zero_");

            private void CollectParameters(List<Parameter> found, HashSet<Parameter> seen, bool recurse)
            {
                foreach (var (_, parameter) in OwnParameters)
                {
                    if (seen.Add(parameter))
                    {
                        found.Add(parameter);
                    }
                }
                if (!recurse)
                {
                    return;
                }
                foreach (var (_, child) in submodules)
                {
                    child.CollectParameters(found, seen, recurse: true);
                }
            }

            private bool Descend(string target, out Module? child, out string rest)
            {
                var dot = target.IndexOf('.', StringComparison.Ordinal);
                rest = dot < 0 ? string.Empty : target[(dot + 1)..];
                child = null;
                return dot >= 0 && submodules.TryGetValue(target[..dot], out child);
            }
        }
    }
}
