using TransferLearning.Adversarial;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Adversarial;

public sealed class ImagePoolTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Draw_UntilItIsFull_ShowsTheNewImagesAndKeepsThem()
    {
        var pool = new ImagePool(6);

        pool.Keep(pool.Draw(Images(0, 4), new RandomKey(1)));
        var second = pool.Draw(Images(4, 2), new RandomKey(2));
        pool.Keep(second);

        Assert.Equal([4, 5], Numbers(second.Shown));
        Assert.Equal([0, 1, 2, 3, 4, 5], Numbers(second.Pool!));
        Assert.Equal(6, pool.Count);
        pool.Forget();
        Assert.Equal(0, pool.Count);
    }

    [Fact]
    public void Draw_WhenItIsFull_ShowsHalfPastImagesAndKeepsTheOthersInTheirPlaces()
    {
        var pool = new ImagePool(50);
        var full = pool.Draw(Images(0, 50), new RandomKey(1));
        pool.Keep(full);
        var (past, steps, before) = (0, 400, Numbers(full.Pool!));
        for (var step = 1; step <= steps; step++)
        {
            var first = 50 * step;
            var draw = pool.Draw(Images(first, 10), new RandomKey(step));
            var (shown, after) = (Numbers(draw.Shown), Numbers(draw.Pool!));
            past += shown.Count(number => number < first);
            // No image is lost or doubled: those shown and those kept are those that were there and the new ones.
            Assert.Equal(
                before.Concat(Enumerable.Range(first, 10).Select(number => (double)number)).Order(),
                after.Concat(shown).Order()
            );
            Assert.Equal(50, after.Length);
            pool.Keep(draw);
            before = after;
        }

        // Of 4,000 fair draws, five standard deviations around the half.
        Assert.InRange(past / (10.0 * steps), 0.5 - 0.04, 0.5 + 0.04);
        pool.Forget();
    }

    [Fact]
    public void Draw_TwiceByTheSameKey_IsTheSameAndChangesNothing()
    {
        var pool = new ImagePool(5);
        pool.Keep(pool.Draw(Images(0, 5), new RandomKey(1)));

        var (first, second) = (pool.Draw(Images(5, 20), new RandomKey(7)), pool.Draw(Images(5, 20), new RandomKey(7)));

        Assert.Equal(Numbers(first.Shown), Numbers(second.Shown));
        Assert.Equal(Numbers(first.Pool!), Numbers(second.Pool!));
        Assert.NotEqual(Numbers(first.Shown), Numbers(pool.Draw(Images(5, 20), new RandomKey(8)).Shown));
        pool.Forget();
    }

    [Fact]
    public void Draw_OfNoSize_ShowsTheNewImages()
    {
        var pool = new ImagePool(0);

        var draw = pool.Draw(Images(0, 3), new RandomKey(1));
        pool.Keep(draw);

        Assert.Equal([0, 1, 2], Numbers(draw.Shown));
        Assert.Null(draw.Pool);
        Assert.Equal(0, pool.Count);
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Images(int first, int count) =>
        arange(first, first + count, dtype: float32).reshape(-1, 1, 1, 1).expand(count, 1, 2, 2);

    private static double[] Numbers(Tensor images) =>
        [.. images.select(1, 0).select(1, 0).select(1, 0).to(float64).contiguous().data<double>()];
}
