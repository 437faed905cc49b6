using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor tensor(byte scalar, Device? device = null, bool requires_grad = false) =>
        Create(new ReadOnlySpan<byte>(in scalar), [], ScalarType.Byte, null, device, requires_grad);

    public static Tensor tensor(
        byte[] rawArray,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => Create<byte>(rawArray, [rawArray.Length], ScalarType.Byte, dtype, device, requires_grad);

    public static Tensor tensor(
        byte[] rawArray,
        ReadOnlySpan<long> dimensions,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => Create<byte>(rawArray, dimensions, ScalarType.Byte, dtype, device, requires_grad);

    public static Tensor tensor(
        sbyte[,] rawArray,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) =>
        Create<sbyte>(
            Elements<sbyte>(rawArray),
            [rawArray.GetLongLength(0), rawArray.GetLongLength(1)],
            ScalarType.Int8,
            dtype,
            device,
            requires_grad
        );

    public static Tensor tensor(
        short[,] rawArray,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) =>
        Create<short>(
            Elements<short>(rawArray),
            [rawArray.GetLongLength(0), rawArray.GetLongLength(1)],
            ScalarType.Int16,
            dtype,
            device,
            requires_grad
        );

    public static Tensor tensor(int scalar, Device? device = null, bool requires_grad = false) =>
        Create(new ReadOnlySpan<int>(in scalar), [], ScalarType.Int32, null, device, requires_grad);

    public static Tensor tensor(
        int[] rawArray,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => Create<int>(rawArray, [rawArray.Length], ScalarType.Int32, dtype, device, requires_grad);

    public static Tensor tensor(
        int[] rawArray,
        ReadOnlySpan<long> dimensions,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => Create<int>(rawArray, dimensions, ScalarType.Int32, dtype, device, requires_grad);

    public static Tensor tensor(
        long scalar,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false
    ) => Create(new ReadOnlySpan<long>(in scalar), [], ScalarType.Int64, dtype, device, requires_grad);

    public static Tensor tensor(
        long[] dataArray,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => Create<long>(dataArray, [dataArray.Length], ScalarType.Int64, dtype, device, requires_grad);

    public static Tensor tensor(
        long[] dataArray,
        ReadOnlySpan<long> dimensions,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => Create<long>(dataArray, dimensions, ScalarType.Int64, dtype, device, requires_grad);

    public static Tensor tensor(
        long[,] rawArray,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) =>
        Create<long>(
            Elements<long>(rawArray),
            [rawArray.GetLongLength(0), rawArray.GetLongLength(1)],
            ScalarType.Int64,
            dtype,
            device,
            requires_grad
        );

    public static Tensor tensor(
        long[,,] rawArray,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) =>
        Create<long>(
            Elements<long>(rawArray),
            [rawArray.GetLongLength(0), rawArray.GetLongLength(1), rawArray.GetLongLength(2)],
            ScalarType.Int64,
            dtype,
            device,
            requires_grad
        );

    public static Tensor tensor(
        Half[,] rawArray,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) =>
        Create<Half>(
            Elements<Half>(rawArray),
            [rawArray.GetLongLength(0), rawArray.GetLongLength(1)],
            ScalarType.Float16,
            dtype,
            device,
            requires_grad
        );

    public static Tensor tensor(float scalar, Device? device = null, bool requires_grad = false) =>
        Create(new ReadOnlySpan<float>(in scalar), [], ScalarType.Float32, null, device, requires_grad);

    public static Tensor tensor(
        float[] rawArray,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => Create<float>(rawArray, [rawArray.Length], ScalarType.Float32, dtype, device, requires_grad);

    public static Tensor tensor(
        float[] rawArray,
        ReadOnlySpan<long> dimensions,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => Create<float>(rawArray, dimensions, ScalarType.Float32, dtype, device, requires_grad);

    public static Tensor tensor(
        double scalar,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false
    ) => Create(new ReadOnlySpan<double>(in scalar), [], ScalarType.Float64, dtype, device, requires_grad);

    public static Tensor tensor(
        double[] rawArray,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => Create<double>(rawArray, [rawArray.Length], ScalarType.Float64, dtype, device, requires_grad);

    public static Tensor tensor(
        double[] rawArray,
        ReadOnlySpan<long> dimensions,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => Create<double>(rawArray, dimensions, ScalarType.Float64, dtype, device, requires_grad);

    public static Tensor tensor(
        double[,] rawArray,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) =>
        Create<double>(
            Elements<double>(rawArray),
            [rawArray.GetLongLength(0), rawArray.GetLongLength(1)],
            ScalarType.Float64,
            dtype,
            device,
            requires_grad
        );

    public static Tensor tensor(
        bool scalar,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false
    ) => Create(new ReadOnlySpan<bool>(in scalar), [], ScalarType.Bool, dtype, device, requires_grad);

    public static Tensor tensor(
        bool[] rawArray,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => Create<bool>(rawArray, [rawArray.Length], ScalarType.Bool, dtype, device, requires_grad);

    public static Tensor tensor(
        bool[] rawArray,
        ReadOnlySpan<long> dimensions,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => Create<bool>(rawArray, dimensions, ScalarType.Bool, dtype, device, requires_grad);

    public static Tensor from_array(Array rawArray, Device? device = null) => from_array(rawArray, null, device);

    /// <summary>A copy of an array of any rank.</summary>
    public static unsafe Tensor from_array(
        Array rawArray,
        ScalarType? dtype,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    )
    {
        var type = ElementTypes.Of(rawArray.GetType().GetElementType()!);
        var dimensions = new long[rawArray.Rank];
        for (var i = 0; i < dimensions.Length; i++)
            dimensions[i] = rawArray.GetLongLength(i);
        ref var first = ref MemoryMarshal.GetArrayDataReference(rawArray);
        fixed (byte* data = &first)
            return Create(data, dimensions, type, dtype, device, requires_grad);
    }

    internal static unsafe Tensor Create<T>(
        ReadOnlySpan<T> elements,
        ReadOnlySpan<long> dimensions,
        ScalarType stored,
        ScalarType? dtype,
        Device? device,
        bool requires_grad
    )
    {
        var count = 1L;
        foreach (var length in dimensions)
            count *= length;
        if (count != elements.Length)
            throw new ArgumentException(
                $"{elements.Length} elements do not make a tensor of shape [{string.Join(", ", dimensions.ToArray())}].",
                nameof(dimensions)
            );
        ref var first = ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(elements));
        fixed (byte* data = &first)
            return Create(data, dimensions, stored, dtype, device, requires_grad);
    }

    private static unsafe Tensor Create(
        byte* data,
        ReadOnlySpan<long> dimensions,
        ScalarType stored,
        ScalarType? dtype,
        Device? device,
        bool requires_grad
    )
    {
        device = InitializeDevice(device);
        var type = dtype ?? stored;
        Tensor made;
        fixed (long* sizes = dimensions)
            made = new Tensor(
                Native.Check(
                    Native.bridge_tensor_create(data, sizes, dimensions.Length, (int)stored, device.Packed, false)
                )
            );
        if (type != stored)
            made = made.to_type(type, disposeAfter: true);
        return Finish(made, requires_grad);
    }

    private static ReadOnlySpan<T> Elements<T>(Array array) =>
        MemoryMarshal.CreateReadOnlySpan(
            ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(array)),
            array.Length
        );
}
