using System.Collections;

namespace TorchSharp.Utils;

/// <summary>The elements of a tensor in the CPU's memory, in row-major order whatever its strides.</summary>
public sealed unsafe class TensorAccessor<T> : IEnumerable<T>, IDisposable
    where T : unmanaged
{
    private readonly torch.Tensor tensor;
    private readonly T* first;
    private readonly long[] shape;
    private readonly long[] strides;
    private readonly bool contiguous;

    internal TensorAccessor(torch.Tensor tensor)
    {
        first = (T*)tensor.DataPointer();
        // An own handle: the memory outlives the caller's tensor.
        this.tensor = tensor.alias().DetachFromDisposeScope();
        Count = tensor.NumberOfElements;
        shape = tensor.shape;
        strides = tensor.stride();
        contiguous = tensor.is_contiguous();
    }

    public long Count { get; }

    public bool IsReadOnly => false;

    public T this[params long[] indices]
    {
        get => first[OffsetOf(indices)];
        set => first[OffsetOf(indices)] = value;
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
            return new[] { first[0] };
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
            new ReadOnlySpan<T>(first + tensorIndex, checked((int)(Count - tensorIndex))).CopyTo(array[arrayIndex..]);
        else
            for (var i = tensorIndex; i < Count; i++)
                array[arrayIndex++] = first[OffsetOf(i)];
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) =>
        CopyFrom((ReadOnlySpan<T>)array, arrayIndex, tensorIndex);

    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var source = array[arrayIndex..];
        if (source.Length > Count - tensorIndex)
            source = source[..(int)(Count - tensorIndex)];
        if (contiguous)
            source.CopyTo(new Span<T>(first + tensorIndex, source.Length));
        else
            for (var i = 0; i < source.Length; i++)
                first[OffsetOf(tensorIndex + i)] = source[i];
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (var i = 0L; i < Count; i++)
            yield return Read(i);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override bool Equals(object? obj) => obj is TensorAccessor<T> other && this == other;

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

    public void Dispose() => tensor.Dispose();

    private T Read(long place) => first[OffsetOf(place)];

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
