using TorchSharp.Modules;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            /// <summary>
            /// Moves this module's tensors. As in the original, a tensor that changes becomes a new object in the
            /// field and under the name of the old one, which is disposed: make optimisers after moving.
            /// </summary>
            protected virtual void _toEpilog(ScalarType? dtype, Device? device, bool non_blocking)
            {
                foreach (var (_, child) in named_children())
                {
                    child._toEpilog(dtype, device, non_blocking);
                }
                foreach (var (parameterName, parameter) in ownParameters.ToArray())
                {
                    if (Converted(parameter, dtype, device, non_blocking) is Parameter replacement)
                    {
                        ReplaceInFields(parameter, replacement);
                        ConditionallyRegisterParameter(parameterName, replacement);
                        parameter.Dispose();
                    }
                }
                foreach (var (bufferName, (buffer, persistent)) in ownBuffers.ToArray())
                {
                    if (Converted(buffer, dtype, device, non_blocking) is { } replacement)
                    {
                        ReplaceInFields(buffer, replacement);
                        ConditionallyRegisterBuffer(bufferName, replacement, persistent);
                        buffer.Dispose();
                    }
                }
            }

            internal void Convert(ScalarType? dtype, Device? device, bool nonBlocking)
            {
                if (dtype is { } type && !IsFloating(type))
                {
                    throw new ArgumentException(
                        $"A module's tensors take floating-point types only; got {type}.",
                        nameof(dtype)
                    );
                }
                _toEpilog(dtype, device, nonBlocking);
            }

            /// <summary>The parameter on its new type and device with its gradient, or null if nothing changes.</summary>
            internal static Parameter? Converted(
                Parameter parameter,
                ScalarType? dtype,
                Device? device,
                bool nonBlocking
            )
            {
                var requiresGrad = parameter.requires_grad;
                using var withoutGradient = no_grad();
                if (Converted((Tensor)parameter, dtype, device, nonBlocking) is not { } data)
                {
                    return null;
                }
                var replacement = new Parameter(data, requiresGrad);
                using var gradient = parameter.grad;
                if (gradient is not null)
                {
                    using var moved = gradient.to(replacement.dtype, replacement.device, non_blocking: nonBlocking);
                    replacement.grad = moved;
                }
                return replacement;
            }

            private static Tensor? Converted(Tensor tensor, ScalarType? dtype, Device? device, bool nonBlocking)
            {
                var type = dtype is { } wanted && IsFloating(tensor.dtype) ? wanted : tensor.dtype;
                var place = device ?? tensor.device;
                using var withoutGradient = no_grad();
                var moved = tensor.to(type, place, non_blocking: nonBlocking);
                var unchanged =
                    moved.dtype == tensor.dtype
                    && moved.device_type == tensor.device_type
                    && moved.device_index == tensor.device_index;
                if (!unchanged)
                {
                    return moved;
                }
                if (!ReferenceEquals(moved, tensor))
                {
                    moved.Dispose();
                }
                return null;
            }

            private static bool IsFloating(ScalarType type) =>
                type is ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64;

            private void ReplaceInFields(Tensor old, Tensor replacement)
            {
                foreach (var field in ComponentFields.Of(this))
                {
                    if (ReferenceEquals(field.GetValue(this), old))
                    {
                        field.SetValue(this, replacement);
                    }
                }
            }
        }
    }
}
