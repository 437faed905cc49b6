using System.Globalization;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibTorch.Tests.Tensors;

public sealed class ConversionTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void ToString_ByDefault_IsTheMetadata()
    {
        Assert.Equal("[2x3], type = Float32, device = cpu", zeros(2, 3).ToString());
        Assert.Equal("[], type = Int64, device = cpu", tensor(1L).ToString());
    }

    [Fact]
    public void ToString_WithElements_ShowsThem()
    {
        var x = tensor(
            new[,]
            {
                { 1.5, 2 },
                { -3, 4 },
            }
        );
        var invariant = CultureInfo.InvariantCulture;
        Assert.Equal(
            "[2x2], type = Float64, device = cpu\n 1.5 2\n  -3 4\n",
            x.ToString(TensorStringStyle.Julia, cultureInfo: invariant, newLine: "\n")
        );
        Assert.Equal("[[1.5 2]\n [-3 4]]", x.ToString(TensorStringStyle.Numpy, cultureInfo: invariant, newLine: "\n"));
        Assert.Equal(
            "[0 1 2 ... 97 98 99]",
            arange(100).ToString(TensorStringStyle.Numpy, cultureInfo: invariant, newLine: "\n")
        );
    }

    [Fact]
    public void Item_OfTheWrongType_Throws()
    {
        Assert.Equal(2.5, tensor(2.5).item<double>());
        Assert.Throws<ArgumentException>(() => tensor(2.5).item<float>());
        Assert.Throws<ArgumentException>(() => ones(2).item<float>());
        Assert.Equal(2.5f, tensor(2.5).ToSingle());
        Assert.Equal(2, tensor(2.5).ToInt32());
        Assert.Equal(3.0, (double)tensor(3L));
    }

    [Fact]
    public void To_AType_Converts()
    {
        Assert.Equal([1L, 0L], tensor([true, false]).to(int64).data<long>().ToArray());
        Assert.Equal([true, false], tensor([2f, 0f]).@bool().data<bool>().ToArray());
        Assert.Equal(1.5, tensor(1.5).bfloat16().ToDouble());
        var x = ones(2);
        x.to(float64, disposeAfter: true);
        Assert.True(x.IsInvalid);
    }

    [Fact]
    public void Data_OfATransposedTensor_IsInRowMajorOrder()
    {
        var x = arange(6, dtype: float32).reshape(2, 3).t();
        Assert.False(x.is_contiguous());
        Assert.Equal([0f, 3f, 1f, 4f, 2f, 5f], x.data<float>().ToArray());
        Assert.Equal(4f, x.data<float>()[1, 1]);
        Assert.Equal(x.data<float>().ToArray(), x.contiguous().data<float>().ToArray());
        x.data<float>()[2, 0] = 9;
        Assert.Equal(9f, x[2, 0].item<float>());
    }

    [Fact]
    public void Data_OfATensorDisposedSince_Throws()
    {
        var x = ones(2);
        var elements = x.data<float>();
        x.Dispose();
        Assert.Throws<InvalidOperationException>(() => elements.ToArray());
    }

    [Fact]
    public void Operators_WithNumbersOnEitherSide_KeepTheType()
    {
        var x = tensor([1f, 2f]);
        Assert.Equal([3f, 4f], (2 + x).data<float>().ToArray());
        Assert.Equal([1f, 0f], (2.0 - x).data<float>().ToArray());
        Assert.Equal([2f, 1f], (2L / x).data<float>().ToArray());
        Assert.Equal([1f, 0f], (x % 2).data<float>().ToArray());
        Assert.Equal([false, true], (x > 1).data<bool>().ToArray());
        Assert.Equal([true, false], (2 > x).data<bool>().ToArray());
        Assert.Equal([false, true], (x == 2).data<bool>().ToArray());
        Assert.Equal([-1f, -2f], (-x).data<float>().ToArray());
        Assert.Equal([true, false], (~(x > 1)).data<bool>().ToArray());
        Assert.Equal(ScalarType.Float64, (x.to(float64) * 2).dtype);
        Assert.Equal(ScalarType.Int64, (arange(2) * 2).dtype);
    }

    [Fact]
    public void Equals_OfEqualElements_IsTrueWhileTheOperatorIsByElement()
    {
        Assert.True(ones(2).Equals(ones(2)));
        Assert.False(ones(2).Equals(zeros(2)));
        Assert.Equal([true, true], (ones(2) == ones(2)).data<bool>().ToArray());
    }

    [Fact]
    public void Save_OfATensor_WritesTypeRankSizesAndBytes()
    {
        using var stream = new MemoryStream();
        arange(300, dtype: int32).reshape(2, 150).Save(stream);
        var bytes = stream.ToArray();
        Assert.Equal([3, 2, 2, 0x96, 0x01], bytes[..5]);
        Assert.Equal(5 + (300 * 4), bytes.Length);
        Assert.Equal(299, BitConverter.ToInt32(bytes, bytes.Length - 4));
        stream.Position = 0;
        Assert.True(Tensor.Load(stream).Equals(arange(300, dtype: int32).reshape(2, 150)));
    }

    [Fact]
    public void Load_IntoAnotherShapeOrType_Throws()
    {
        using var stream = new MemoryStream();
        ones(2, 2).Save(stream);
        Assert.Throws<ArgumentException>(() => Reload(zeros(4)));
        Assert.Throws<ArgumentException>(() => Reload(zeros(2, 2, dtype: float64)));
        var transposed = zeros(2, 2).t();
        Reload(transposed);
        Assert.Equal(4, transposed.sum().item<float>());
        Assert.Throws<InvalidOperationException>(() => ones(2, 3).t().Save(new MemoryStream()));

        void Reload(Tensor target)
        {
            stream.Position = 0;
            using var reader = new BinaryReader(stream, System.Text.Encoding.UTF8, leaveOpen: true);
            target.Load(reader);
        }
    }

    [Fact]
    public void SaveAndLoad_OfAnArchive_GiveTheSame()
    {
        var path = Path.GetTempFileName();
        try
        {
            var x = randn(3, 4);
            save(x, path);
            Assert.True(x.Equals(load(path)));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
