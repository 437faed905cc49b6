using static TorchSharp.torch;

namespace TorchSharp.SystemLibTorch.Tests.Tensors;

public sealed class CreationTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Tensor_OfArrays_TakesTheirElementTypeAndShape()
    {
        Assert.Equal(ScalarType.Float64, tensor([1.0, 2.0]).dtype);
        Assert.Equal(ScalarType.Float32, tensor([1f]).dtype);
        Assert.Equal(ScalarType.Int32, tensor([1, 2]).dtype);
        Assert.Equal(ScalarType.Bool, tensor([true]).dtype);
        Assert.Equal(
            [2, 1, 3],
            tensor(
                new long[,,]
                {
                    {
                        { 1, 2, 3 },
                    },
                    {
                        { 4, 5, 6 },
                    },
                }
            ).shape
        );
        Assert.Equal([2, 2], tensor([1f, 2f, 3f, 4f], [2, 2]).shape);
        Assert.Equal([], tensor(3.0).shape);
        Assert.Equal([1f, 2f], tensor([1, 2], dtype: float32).data<float>().ToArray());
        Assert.Equal(
            [3, 2],
            from_array(
                new[,]
                {
                    { 1, 2 },
                    { 3, 4 },
                    { 5, 6 },
                }
            ).shape
        );
    }

    [Fact]
    public void Tensor_OfTheWrongNumberOfElements_SaysSo()
    {
        var error = Assert.Throws<ArgumentException>(() => tensor([1f, 2f, 3f], [2, 2]));
        Assert.Contains("3 elements do not make a tensor of shape [2, 2]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Arange_OfIntegersOrReals_InfersTheType()
    {
        Assert.Equal(ScalarType.Int64, arange(5).dtype);
        Assert.Equal(ScalarType.Float32, arange(0, 1, 0.25).dtype);
        Assert.Equal([0, 0.25f, 0.5f, 0.75f], arange(0, 1, 0.25).data<float>().ToArray());
        Assert.Equal(ScalarType.Int64, full(2, 3).dtype);
        Assert.Equal(ScalarType.Float32, full(2, 3.5).dtype);
    }

    [Fact]
    public void Generators_OfOneSeed_DrawTheSame()
    {
        using var first = new Generator(7);
        using var second = new Generator(7);
        Assert.True(rand(4, 4, generator: first).Equals(rand(4, 4, generator: second)));
        var state = first.get_state();
        var next = randn([3], generator: first);
        Assert.False(next.Equals(randn([3], generator: first)));
        first.set_state(state);
        Assert.True(next.Equals(randn([3], generator: first)));
        Assert.Equal(7, first.initial_seed());
        Assert.Equal(9, first.manual_seed(9).initial_seed());
    }

    [Fact]
    public void Randperm_OfAGenerator_IsAPermutationAndLeavesTheDefaultOneAlone()
    {
        var before = get_rng_state();
        using var generator = new Generator(3);
        var order = randperm(50, generator: generator).data<long>().ToArray();
        Assert.Equal(Enumerable.Range(0, 50).Select(i => (long)i), order.Order());
        Assert.NotEqual(order.Order(), order);
        Assert.True(before.Equals(get_rng_state()));
    }

    [Fact]
    public void Like_OfATensor_KeepsTypeAndShape()
    {
        var x = zeros(2, 3, dtype: float64);
        Assert.Equal(ScalarType.Float64, x.ones_like().dtype);
        Assert.Equal([2, 3], x.randn_like().shape);
        Assert.Equal(ScalarType.Int64, zeros_like(x, dtype: int64).dtype);
        Assert.Equal(ScalarType.Float64, x.new_zeros(4).dtype);
    }

    [Fact]
    public void CreateWithGradient_IsALeafThatRequiresIt()
    {
        var x = zeros(2, requires_grad: true);
        Assert.True(x.requires_grad && x.is_leaf);
        Assert.False((x * 2).is_leaf);
        Assert.False(x.detach().requires_grad);
    }

    [SkippableFact]
    public void Cuda_WhereThereIsNone_ThrowsInWords()
    {
        Skip.If(cuda.is_available(), "This machine has a GPU.");
        Assert.Equal(0, cuda.device_count());
        Assert.False(TryInitializeDeviceType(DeviceType.CUDA));
        Assert.Throws<InvalidOperationException>(() => CUDA);
        Assert.Throws<InvalidOperationException>(() => zeros(1, device: new Device("cuda")));
    }

    [SkippableFact]
    [Trait("Category", "Cuda")]
    public void Cuda_WhereThereIsOne_ComputesAndDrawsBySeed()
    {
        Skip.IfNot(cuda.is_available(), "No GPU.");
        var x = ones([2, 2], device: CUDA);
        Assert.Equal(8, (x.matmul(x) + 0).sum().to(CPU).item<float>());
        Assert.True(x.is_cuda);
        using var first = new Generator(5, CUDA);
        using var second = new Generator(5, CUDA);
        Assert.Equal(DeviceType.CUDA, first.device.type);
        Assert.True(rand([8], device: CUDA, generator: first).Equals(rand([8], device: CUDA, generator: second)));
        cuda.synchronize();
    }
}
