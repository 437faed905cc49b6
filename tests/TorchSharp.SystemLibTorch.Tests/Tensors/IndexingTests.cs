using static TorchSharp.torch;

namespace TorchSharp.SystemLibTorch.Tests.Tensors;

public sealed class IndexingTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Numbers_AsManyAsDimensions_GiveOneElement()
    {
        var x = arange(24).reshape(2, 3, 4);
        Assert.Equal(23, x[1, 2, 3].item<long>());
        Assert.Equal(23, x[-1, -1, -1].item<long>());
        Assert.Equal([3, 4], x[1].shape);
    }

    [Fact]
    public void Ranges_OfEveryForm_CutLikePython()
    {
        var x = arange(10);
        Assert.Equal([2, 3, 4], Elements(x[2..5]));
        Assert.Equal([8, 9], Elements(x[^2..]));
        Assert.Equal([0, 1, 2], Elements(x[..^7]));
        Assert.Equal([1, 4, 7], Elements(x[TensorIndex.Slice(1, 9, 3)]));
        Assert.Equal(9, x[^1].item<long>());
    }

    [Fact]
    public void EllipsisNullAndColon_InOneBracket_KeepTheRightDimensions()
    {
        var x = zeros(2, 3, 4, 5);
        Assert.Equal([2, 3, 4], x[TensorIndex.Ellipsis, 0].shape);
        Assert.Equal([2, 1, 3, 4, 5], x[TensorIndex.Colon, TensorIndex.Null].shape);
        Assert.Equal([1, 2, 3, 4, 2], x[TensorIndex.None, TensorIndex.Ellipsis, TensorIndex.Slice(3)].shape);
    }

    [Fact]
    public void Masks_OfOneOrTwoDimensions_SelectRows()
    {
        var x = arange(6).reshape(2, 3);
        Assert.Equal([4, 5], Elements(x[x > 3]));
        var rows = tensor([false, true]);
        Assert.Equal([4, 5], Elements(x[TensorIndex.Tensor(rows), TensorIndex.Slice(1)]));
    }

    [Fact]
    public void Tensors_AfterAColon_GatherColumns()
    {
        var x = arange(6).reshape(2, 3);
        var columns = tensor([2L, 0L]);
        Assert.Equal([2, 0, 5, 3], Elements(x[TensorIndex.Colon, TensorIndex.Tensor(columns)]));
        Assert.Equal([3], Elements(x[tensor([1L]), tensor([0L])]));
    }

    [Fact]
    public void Assignment_ToEveryForm_ChangesTheTensorInPlace()
    {
        var x = zeros(3, 3, dtype: int64);
        x[0, 0] = 1;
        x[1] = 2;
        x[.., 2..] = tensor([7L]);
        x[x == 2L] = tensor(5L);
        Assert.Equal([1, 0, 7, 5, 5, 7, 0, 0, 7], Elements(x));
        x[TensorIndex.Ellipsis] = 0;
        Assert.Equal(0, x.sum().item<long>());
    }

    [Fact]
    public void IndexPut_Accumulating_AddsRepeatedPlaces()
    {
        var x = zeros(3);
        x.index_put_(ones(4), [tensor([0L, 0L, 2L, 0L])], accumulate: true);
        Assert.Equal([3f, 0f, 1f], x.data<float>().ToArray());
    }

    private static long[] Elements(Tensor tensor) => tensor.data<long>().ToArray();
}
