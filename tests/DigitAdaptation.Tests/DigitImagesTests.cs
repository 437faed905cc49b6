using DigitAdaptation.Digits;

namespace DigitAdaptation.Tests;

public sealed class DigitImagesTests
{
    [Fact]
    public void Resize_TwoPixelsToFour_InterpolatesBetweenCentres()
    {
        var images = new DigitImages([0f, 1f], [3], 1, 2);

        var resized = images.Resize(1, 4);

        // Centres at 0.125, 0.375, 0.625, 0.875 of the width; the old ones at 0.25 and 0.75.
        Assert.Equal([0f, 0.25f, 0.75f, 1f], resized.Pixels);
    }

    [Fact]
    public void Resize_ConstantImages_StayConstant()
    {
        var images = new DigitImages([.. Enumerable.Repeat(0.3f, 2 * 64)], [1, 2], 8, 8);

        var resized = images.Resize(28, 28);

        Assert.Equal(2 * 28 * 28, resized.Pixels.Length);
        Assert.All(resized.Pixels, pixel => Assert.Equal(0.3f, pixel, 1e-6f));
    }

    [Fact]
    public void Frame_OnePixel_PutsPaperAroundIt()
    {
        var images = new DigitImages([0.5f, 0.7f], [1, 2], 1, 1);

        var framed = images.Frame(1);

        Assert.Equal((3, 3), (framed.Height, framed.Width));
        Assert.Equal([0f, 0f, 0f, 0f, 0.5f, 0f, 0f, 0f, 0f, 0f, 0f, 0f, 0f, 0.7f, 0f, 0f, 0f, 0f], framed.Pixels);
    }

    [Fact]
    public void Slice_BeyondTheEnd_ReturnsWhatIsThere()
    {
        var images = new DigitImages([1f, 2f, 3f], [4, 5, 6], 1, 1);

        var slice = images.Slice(1, 100);

        Assert.Equal([2f, 3f], slice.Pixels);
        Assert.Equal([5, 6], slice.Labels);
    }

    [Fact]
    public void Constructor_PixelsDoNotFit_SaysHowManyItTakes()
    {
        var error = Assert.Throws<ArgumentException>(() => new DigitImages(new float[5], [1], 2, 3));

        Assert.Contains("take 6 pixels, but there are 5", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bundled_Digits_AreCompleteBalancedAndDisjoint()
    {
        var task = DigitTask.Bundled();

        Assert.Equal((5000, 1000, 797), (task.Source.Count, task.Target.Count, task.TargetTest.Count));
        Assert.All(task.Source.Labels.CountBy(label => label), pair => Assert.Equal(500, pair.Value));
        Assert.All(
            [task.Source, task.Target, task.TargetTest],
            images =>
            {
                Assert.Equal((28, 28), (images.Height, images.Width));
                Assert.Equal(10, images.Labels.Distinct().Count());
                Assert.Equal(0f, images.Pixels.Min());
                Assert.Equal(1f, images.Pixels.Max());
            }
        );
    }
}
