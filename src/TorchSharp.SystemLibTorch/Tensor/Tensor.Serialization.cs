namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public static Tensor Load(BinaryReader reader) => TensorFormat.Read(reader, skip: false)!;

        public static Tensor Load(Stream stream)
        {
            using var reader = new BinaryReader(stream, System.Text.Encoding.UTF8, leaveOpen: true);
            return Load(reader);
        }

        /// <summary>Reads a file of one tensor in libtorch's own archive format.</summary>
        public static Tensor load(string location) => new(Native.Check(Native.bridge_tensor_load(location)));

        /// <summary>Writes a file of one tensor in libtorch's own archive format.</summary>
        public void save(string location)
        {
            Native.Check(Native.bridge_tensor_save(Handle, location));
            GC.KeepAlive(this);
        }
    }

    public static void save(Tensor t, string location) => t.save(location);

    public static Tensor load(string location) => Tensor.load(location);
}
