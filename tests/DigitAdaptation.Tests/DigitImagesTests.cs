using DigitAdaptation.Digits;

namespace DigitAdaptation.Tests;

public sealed class DigitImagesTests
{
    [Fact]
    public void Place_ScaleTwo_InterpolatesAndLeavesPaperOutside()
    {
        var images = new DigitImages([1f], [1], 1, 1);

        var placed = images.Place(1, 4, _ => new Placement(0.5f, 0.5f, 2));

        // New centers lie at -0.75, -0.25, 0.25 and 0.75 old pixels from the old center.
        Assert.Equal([0.25f, 0.75f, 0.75f, 0.25f], placed.Pixels);
    }

    [Fact]
    public void Place_Lean_MovesUpperRowsLeft()
    {
        var images = new DigitImages([0f, 1f, 0f, 0f, 1f, 0f, 0f, 1f, 0f], [1], 3, 3);

        var placed = images.Place(3, 3, _ => new Placement(1.5f, 1.5f, 1, Lean: 1));

        Assert.Equal([1f, 0f, 0f, 0f, 1f, 0f, 0f, 0f, 1f], placed.Pixels);
    }

    [Fact]
    public void Shrink_Blocks_BecomeTheirMeans()
    {
        var images = new DigitImages([0f, 1f, 0.5f, 0.5f, 0f, 1f, 0.5f, 0.1f], [1], 2, 4);

        var shrunk = images.Shrink(2);

        Assert.Equal([0.5f, 0.4f], shrunk.Pixels.Select(pixel => MathF.Round(pixel, 5)));
    }

    [Fact]
    public void MnistLayout_AnyDigit_IsCenteredByMassAndFitsTheBox()
    {
        var pixels = new float[64];
        for (var y = 1; y < 7; y++)
        {
            (pixels[(y * 8) + 2], pixels[(y * 8) + 3]) = (1f, 0.5f);
        }

        var laid = MnistLayout.Apply(new DigitImages(pixels, [1], 8, 8));

        var ink = Enumerable.Range(0, 28 * 28).Where(i => laid.Pixels[i] >= 0.5f).ToList();
        Assert.Equal(20, ink.Max(i => i / 28) - ink.Min(i => i / 28) + 1);
        double mass = laid.Pixels.Sum();
        Assert.Equal(14, laid.Pixels.Select((value, i) => value * ((i / 28) + 0.5)).Sum() / mass, 1e-3);
        Assert.Equal(14, laid.Pixels.Select((value, i) => value * ((i % 28) + 0.5)).Sum() / mass, 0.05);
    }

    [Fact]
    public void Rehearsals_ShareNoImageWithTheirSource()
    {
        var tasks = DigitTask.Rehearsals();
        var labels = DigitTask.Bundled().Source.Labels;

        Assert.Equal(2, tasks.Count);
        Assert.All(
            tasks,
            task =>
            {
                Assert.Equal((3500, 1500, 1000), (task.Source.Count, task.Target.Count, task.TargetTest.Count));
                Assert.Equal(labels.Take(3500), task.Source.Labels);
                Assert.Equal(labels.Skip(3500), task.Target.Labels);
                Assert.All([task.Target, task.TargetTest], images => Assert.InRange(images.Pixels.Max(), 0.5f, 1f));
            }
        );
    }

    [Fact]
    public void Every_Second_KeepsImagesWithTheirLabels()
    {
        var images = new DigitImages([1f, 2f, 3f], [4, 5, 6], 1, 1);

        var kept = images.Every(2);

        Assert.Equal([1f, 3f], kept.Pixels);
        Assert.Equal([4, 6], kept.Labels);
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
