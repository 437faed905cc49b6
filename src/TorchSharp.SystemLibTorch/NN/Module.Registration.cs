using TorchSharp.Modules;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
            {
                if (tensor is null)
                {
                    throw new ArgumentNullException(nameof(tensor), $"The buffer '{name}' is null.");
                }
                RefuseTakenName(name);
                tensor.DetachFromDisposeScope();
                ownBuffers.Add(name, (tensor, persistent));
            }

            public virtual void register_parameter(string name, Parameter param)
            {
                if (param is null)
                {
                    throw new ArgumentNullException(nameof(param), $"The parameter '{name}' is null.");
                }
                RefuseTakenName(name);
                param.DetachFromDisposeScope();
                ownParameters.Add(name, param);
            }

            public void add_module(string name, Module module) => register_module(name, module);

            public virtual void register_module(string name, Module submodule)
            {
                if (submodule is null)
                {
                    submodules.Remove(name);
                    return;
                }
                if (string.IsNullOrEmpty(name) || name.Contains('.', StringComparison.Ordinal))
                {
                    throw new ArgumentException(
                        $"A module's name is not empty and has no dot; got '{name}'.",
                        nameof(name)
                    );
                }
                if (submodules.ContainsKey(name))
                {
                    throw new InvalidOperationException($"Sub-module {name} is already registered.");
                }
                submodule.RegisterComponents();
                submodules.Add(name, submodule);
            }

            /// <summary>
            /// Registers the modules, parameters and tensors (as buffers) held by this object's fields, those of the
            /// most derived class first, under the fields' names or their <see cref="ComponentNameAttribute"/>.
            /// </summary>
            protected virtual void RegisterComponents()
            {
                if (componentsRegistered)
                {
                    return;
                }
                componentsRegistered = true;
                foreach (var field in ComponentFields.Of(this))
                {
                    var fieldName = field.ComponentName();
                    if (IsTaken(fieldName))
                    {
                        continue;
                    }
                    switch (field.GetValue(this))
                    {
                        case Module module:
                            register_module(fieldName, module);
                            break;
                        case Parameter parameter:
                            register_parameter(fieldName, parameter);
                            break;
                        case Tensor tensor:
                            register_buffer(fieldName, tensor);
                            break;
                    }
                }
            }

            protected void ConditionallyRegisterParameter(string name, Parameter? value)
            {
                if (value is null)
                {
                    ownParameters.Remove(name);
                    return;
                }
                value.DetachFromDisposeScope();
                ownParameters[name] = value;
            }

            protected void ConditionallyRegisterBuffer(string name, Tensor? value, bool persistent = true)
            {
                if (value is null)
                {
                    ownBuffers.Remove(name);
                    return;
                }
                value.DetachFromDisposeScope();
                ownBuffers[name] = (value, persistent);
            }

            protected void ClearModules() => submodules.Clear();

            private bool IsTaken(string name) =>
                ownParameters.ContainsKey(name) || ownBuffers.ContainsKey(name) || submodules.ContainsKey(name);

            private void RefuseTakenName(string name)
            {
                if (ownParameters.ContainsKey(name) || ownBuffers.ContainsKey(name))
                {
                    throw new InvalidOperationException($"A tensor named {name} is already registered.");
                }
            }
        }
    }
}
