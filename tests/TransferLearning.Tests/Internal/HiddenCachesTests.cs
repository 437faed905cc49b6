using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Internal;

public sealed class HiddenCachesTests
{
    private static readonly (int, int, int, int) Amd = (13, 0x68747541, 0x444D4163, 0x69746E65);
    private static readonly (int, int, int, int) Intel = (13, 0x756E6547, 0x6C65746E, 0x49656E69);

    [Fact]
    public void Hide_OfAProcessorsAnswers_IsAmdWithoutAFirstCache()
    {
        Assert.True(HiddenCaches.Hide(Amd, (0, 0, 0, 0)));
        Assert.False(HiddenCaches.Hide(Amd, (0x121, 0x2C0003F, 63, 0)));
        Assert.False(HiddenCaches.Hide(Intel, (0, 0, 0, 0)));
    }

    // Memory that a process frees is full of such bits; a convolution may read none of it.
    [Theory]
    [InlineData(1, 4, 7, 14)]
    [InlineData(4, 4, 3, 10)]
    [InlineData(20, 24, 3, 8)]
    [InlineData(20, 50, 5, 12)]
    [InlineData(24, 24, 3, 8)]
    public void Convolution_OverMemoryOfNaN_IsThatOfFloat64(long channels, long maps, long kernel, long side)
    {
        using var scope = NewDisposeScope();
        var generator = new Generator(5);
        var images = randn([4, channels, side, side], generator: generator);
        var weights = randn([maps, channels, kernel, kernel], generator: generator);

        var single = Slopes(images, weights);
        var @double = Slopes(images.to(float64), weights.to(float64));

        foreach (var (mine, exact) in single.Zip(@double))
        {
            var size = exact.abs().max().item<double>();
            Assert.True(mine.to(float64).allclose(exact, 0, 1e-4 * size), $"{(mine - exact).abs().max()}");
        }
    }

    private static Tensor[] Slopes(Tensor images, Tensor weights)
    {
        var (x, w) = (images.clone().requires_grad_(), weights.clone().requires_grad_());
        FreeNaNs();
        var y = nn.functional.conv2d(x, w);
        FreeNaNs();
        y.square().sum().backward();
        return [y.detach(), x.grad!, w.grad!];
    }

    private static void FreeNaNs()
    {
        var held = Enumerable.Range(0, 300).Select(i => full([(i % 100 + 1) * 8], float.NaN)).ToList();
        held.ForEach(tensor => tensor.Dispose());
    }
}
