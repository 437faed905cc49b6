namespace TorchSharp;

public static partial class torch
{
    public static Tensor empty(
        ReadOnlySpan<long> size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => New(Aten.empty_memory_format, size, dtype, device, requires_grad);

    public static Tensor empty(
        long[] size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => New(Aten.empty_memory_format, size.AsSpan(), dtype, device, requires_grad);

    public static Tensor empty(
        int size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => New(Aten.empty_memory_format, [size], dtype, device, requires_grad);

    public static Tensor zeros(
        ReadOnlySpan<long> size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => New(Aten.zeros, size, dtype, device, requires_grad);

    public static Tensor zeros(
        long[] size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => New(Aten.zeros, size.AsSpan(), dtype, device, requires_grad);

    public static Tensor zeros(
        long size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => New(Aten.zeros, [size], dtype, device, requires_grad);

    public static Tensor zeros(
        long rows,
        long columns,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => New(Aten.zeros, [rows, columns], dtype, device, requires_grad);

    public static Tensor zeros(
        long dim0,
        long dim1,
        long dim2,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => New(Aten.zeros, [dim0, dim1, dim2], dtype, device, requires_grad);

    public static Tensor zeros(
        long dim0,
        long dim1,
        long dim2,
        long dim3,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => New(Aten.zeros, [dim0, dim1, dim2, dim3], dtype, device, requires_grad);

    public static Tensor zeros(
        int size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => New(Aten.zeros, [size], dtype, device, requires_grad);

    public static Tensor zeros(
        int rows,
        int columns,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => New(Aten.zeros, [rows, columns], dtype, device, requires_grad);

    public static Tensor zeros(
        int dim0,
        int dim1,
        int dim2,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => New(Aten.zeros, [dim0, dim1, dim2], dtype, device, requires_grad);

    public static Tensor zeros(
        int dim0,
        int dim1,
        int dim2,
        int dim3,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => New(Aten.zeros, [dim0, dim1, dim2, dim3], dtype, device, requires_grad);

    public static Tensor ones(
        ReadOnlySpan<long> size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => New(Aten.ones, size, dtype, device, requires_grad);

    public static Tensor ones(
        long size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => New(Aten.ones, [size], dtype, device, requires_grad);

    public static Tensor ones(
        int size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => New(Aten.ones, [size], dtype, device, requires_grad);

    public static Tensor ones(
        int rows,
        int columns,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => New(Aten.ones, [rows, columns], dtype, device, requires_grad);

    public static Tensor full(
        ReadOnlySpan<long> size,
        Scalar value,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => Filled(size, value, dtype, device, requires_grad);

    public static Tensor full(
        long[] size,
        Scalar value,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => Filled(size.AsSpan(), value, dtype, device, requires_grad);

    public static Tensor full(
        long size,
        Scalar value,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => Filled([size], value, dtype, device, requires_grad);

    public static Tensor full(
        long rows,
        long columns,
        Scalar value,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => Filled([rows, columns], value, dtype, device, requires_grad);

    public static Tensor full(
        long dim0,
        long dim1,
        long dim2,
        Scalar value,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => Filled([dim0, dim1, dim2], value, dtype, device, requires_grad);

    public static Tensor full(
        long dim0,
        long dim1,
        long dim2,
        long dim3,
        Scalar value,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => Filled([dim0, dim1, dim2, dim3], value, dtype, device, requires_grad);

    public static Tensor full(
        int size,
        Scalar value,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => Filled([size], value, dtype, device, requires_grad);

    public static Tensor full(
        int rows,
        int columns,
        Scalar value,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => Filled([rows, columns], value, dtype, device, requires_grad);

    public static Tensor full(
        int dim0,
        int dim1,
        int dim2,
        Scalar value,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => Filled([dim0, dim1, dim2], value, dtype, device, requires_grad);

    public static Tensor full(
        int dim0,
        int dim1,
        int dim2,
        int dim3,
        Scalar value,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => Filled([dim0, dim1, dim2, dim3], value, dtype, device, requires_grad);

    public static Tensor zeros_like(
        Tensor input,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => input.zeros_like(dtype, device, requires_grad);

    public static Tensor ones_like(
        Tensor input,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => input.ones_like(dtype, device, requires_grad);

    public static Tensor full_like(
        Tensor input,
        Scalar value,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) => input.full_like(value, dtype, device, requires_grad);

    public static Tensor eye(
        long rows,
        long columns = -1,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null
    ) =>
        Finish(
            Aten.eye_m.Invoke(
                rows,
                columns < 0 ? rows : columns,
                dtype ?? get_default_dtype(),
                Argument.None,
                InitializeDevice(device)
            ),
            requires_grad
        );

    public static Tensor arange(
        Scalar stop,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false
    ) => arange(0L, stop, 1L, dtype, device, requires_grad);

    public static Tensor arange(
        Scalar start,
        Scalar stop,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false
    ) => arange(start, stop, 1L, dtype, device, requires_grad);

    /// <summary>Integers unless a bound or the step is real.</summary>
    public static Tensor arange(
        Scalar start,
        Scalar stop,
        Scalar step,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false
    )
    {
        var type = dtype ?? (start.IsReal || stop.IsReal || step.IsReal ? get_default_dtype() : ScalarType.Int64);
        return Finish(
            Aten.arange_start_step.Invoke(start, stop, step, type, Argument.None, InitializeDevice(device)),
            requires_grad
        );
    }

    public static Tensor linspace(
        double start,
        double end,
        long steps,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false
    ) =>
        Finish(
            Aten.linspace.Invoke(
                start,
                end,
                steps,
                dtype ?? get_default_dtype(),
                Argument.None,
                InitializeDevice(device)
            ),
            requires_grad
        );

    public static Tensor triu_indices(
        long row,
        long col,
        long offset = 0,
        ScalarType dtype = ScalarType.Int64,
        Device? device = null
    ) => Aten.triu_indices.Invoke(row, col, offset, dtype, Argument.None, InitializeDevice(device));

    private static Tensor New(
        Operator op,
        ReadOnlySpan<long> size,
        ScalarType? dtype,
        Device? device,
        bool requires_grad
    ) => Finish(op.Invoke(size, dtype ?? get_default_dtype(), Argument.None, InitializeDevice(device)), requires_grad);

    private static Tensor Filled(
        ReadOnlySpan<long> size,
        Scalar value,
        ScalarType? dtype,
        Device? device,
        bool requires_grad
    )
    {
        var type = dtype ?? (value.IsReal ? get_default_dtype() : ScalarType.Int64);
        return Finish(Aten.full.Invoke(size, value, type, Argument.None, InitializeDevice(device)), requires_grad);
    }

    private static Tensor Finish(Tensor made, bool requires_grad)
    {
        if (requires_grad)
            made.requires_grad = true;
        return made;
    }
}
