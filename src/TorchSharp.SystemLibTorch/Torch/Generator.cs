namespace TorchSharp;

public static partial class torch
{
    /// <summary>A source of random numbers on one device. The same seed gives the same numbers.</summary>
    public class Generator : IDisposable
    {
        private IntPtr handle;

        public Generator(ulong seed = 0, Device? device = null)
            : this(Native.Check(Native.bridge_generator_create(seed, (device ?? CPU).Packed))) { }

        private Generator(IntPtr handle) => this.handle = handle;

        ~Generator() => Dispose(false);

        /// <summary>The CPU's default generator, behind a handle of the caller's own: disposing it leaves the generator.</summary>
        public static Generator Default => new(Native.Check(Native.bridge_generator_default(CPU.Packed)));

        public IntPtr Handle =>
            handle != IntPtr.Zero ? handle : throw new ObjectDisposedException(typeof(Generator).FullName);

        public Device device => Device.Unpack(Native.bridge_generator_device(Handle));

        public Tensor get_state() => Tensor.Own(Native.Check(Native.bridge_generator_state(Handle)));

        public void set_state(Tensor value)
        {
            Native.Check(Native.bridge_generator_set_state(Handle, value.Handle));
            GC.KeepAlive(value);
        }

        public Generator manual_seed(long seed)
        {
            Native.Check(Native.bridge_generator_set_seed(Handle, (ulong)seed));
            return this;
        }

        /// <summary>Draws a seed that cannot be foretold, sets it and returns it.</summary>
        public long seed() => (long)Native.bridge_generator_reseed(Handle);

        public long initial_seed() => (long)Native.bridge_generator_seed(Handle);

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (handle == IntPtr.Zero)
                return;
            Native.bridge_generator_free(handle);
            handle = IntPtr.Zero;
        }
    }
}
