namespace TorchSharp;

public static partial class torch
{
    /// <summary>Until it is disposed, nothing on this thread is recorded for gradients.</summary>
    public static IDisposable no_grad() => new GradientMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new GradientMode(enabled);

    public static bool is_grad_enabled() => Native.bridge_grad_enabled();

    /// <summary>Like <see cref="no_grad"/>, and what is made within never takes part in recording afterwards.</summary>
    public static IDisposable inference_mode(bool mode = true) => new InferenceScope(mode);

    public static bool is_inference_mode_enabled() => Native.bridge_inference_enabled();

    private sealed class GradientMode : IDisposable
    {
        private readonly bool before = Native.bridge_grad_enabled();
        private bool ended;

        public GradientMode(bool enabled) => Native.bridge_set_grad_enabled(enabled);

        public void Dispose()
        {
            if (ended)
                return;
            ended = true;
            Native.bridge_set_grad_enabled(before);
        }
    }

    private sealed class InferenceScope(bool enabled) : IDisposable
    {
        private IntPtr mode = Native.bridge_inference_enter(enabled);

        public void Dispose()
        {
            if (mode == IntPtr.Zero)
                return;
            Native.bridge_inference_leave(mode);
            mode = IntPtr.Zero;
        }
    }
}
