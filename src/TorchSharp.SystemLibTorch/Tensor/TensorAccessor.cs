using System.Collections;

namespace TorchSharp.Utils;

/// <summary>The elements of a tensor in the CPU's memory, in row-major order whatever its strides.</summary>
public sealed unsafe class TensorAccessor<T> : IEnumerable<T>, IDisposable
    where T : unmanaged
{
    private readonly torch.Tensor tensor;
    private readonly T* data;
    private readonly long[] shape;
    private readonly long[] strides;
    private readonly bool contiguous;

    internal TensorAccessor(torch.Tensor tensor)
    {
        data = (T*)tensor.DataPointer();
        this.tensor = tensor;
        Count = tensor.NumberOfElements;
        shape = tensor.shape;
        strides = tensor.stride();
        contiguous = tensor.is_contiguous();
    }

    /// <summary>The memory; throws once the tensor has been disposed.</summary>
    private T* First => tensor.Handle != IntPtr.Zero ? data : null;

    public long Count { get; }

    public bool IsReadOnly => false;

    public T this[params long[] indices]
    {
        get => ReadAt(OffsetOf(indices));
        set
        {
            First[OffsetOf(indices)] = value;
            GC.KeepAlive(tensor);
        }
    }

    public static bool operator ==(TensorAccessor<T> left, TensorAccessor<T> right) =>
        left.Count == right.Count && left.SequenceEqual(right);

    public static bool operator !=(TensorAccessor<T> left, TensorAccessor<T> right) => !(left == right);

    public T[] ToArray()
    {
        var array = new T[Count];
        CopyTo(array);
        return array;
    }

    /// <summary>The elements as an array of the tensor's rank.</summary>
    public Array ToNDArray()
    {
        if (shape.Length == 0)
            return new[] { ReadAt(0) };
        var array = Array.CreateInstance(typeof(T), shape);
        ToArray()
            .AsSpan()
            .CopyTo(
                System.Runtime.InteropServices.MemoryMarshal.CreateSpan(
                    ref System.Runtime.CompilerServices.Unsafe.As<byte, T>(
                        ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(array)
                    ),
                    array.Length
                )
            );
        return array;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) =>
        CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        if (array.Length - arrayIndex < Count - tensorIndex)
            throw new ArgumentException("The array is too small for the tensor's elements.", nameof(array));
        if (contiguous)
            new ReadOnlySpan<T>(First + tensorIndex, checked((int)(Count - tensorIndex))).CopyTo(array[arrayIndex..]);
        else
            for (var i = tensorIndex; i < Count; i++)
                array[arrayIndex++] = First[OffsetOf(i)];
        GC.KeepAlive(tensor);
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) =>
        CopyFrom((ReadOnlySpan<T>)array, arrayIndex, tensorIndex);

    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var source = array[arrayIndex..];
        if (source.Length > Count - tensorIndex)
            source = source[..(int)(Count - tensorIndex)];
        if (contiguous)
            source.CopyTo(new Span<T>(First + tensorIndex, source.Length));
        else
            for (var i = 0; i < source.Length; i++)
                First[OffsetOf(tensorIndex + i)] = source[i];
        GC.KeepAlive(tensor);
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (var i = 0L; i < Count; i++)
            yield return ReadAt(OffsetOf(i));
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override bool Equals(object? obj) => obj is TensorAccessor<T> other && this == other;

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

    /// <summary>Does nothing: the elements are the tensor's. Present because TorchSharp's accessor is disposable.</summary>
    public void Dispose() { }

    private T ReadAt(long offset)
    {
        var element = First[offset];
        GC.KeepAlive(tensor);
        return element;
    }

    private long OffsetOf(long place)
    {
        if (contiguous)
            return place;
        var offset = 0L;
        for (var d = shape.Length - 1; d >= 0; d--)
        {
            offset += place % shape[d] * strides[d];
            place /= shape[d];
        }
        return offset;
    }

    private long OffsetOf(long[] indices)
    {
        if (indices.Length == 1 && shape.Length != 1)
            return indices[0] >= 0 && indices[0] < Count ? OffsetOf(indices[0]) : throw new IndexOutOfRangeException();
        if (indices.Length != shape.Length)
            throw new ArgumentException(
                $"A tensor of {shape.Length} dimensions takes as many indices.",
                nameof(indices)
            );
        var offset = 0L;
        for (var d = 0; d < indices.Length; d++)
        {
            if (indices[d] < 0 || indices[d] >= shape[d])
                throw new IndexOutOfRangeException();
            offset += indices[d] * strides[d];
        }
        return offset;
    }
}
