using System.Diagnostics;
using SkiaSharp;
using TransferLearning.Tests.Support;
using TransferLearning.Vision;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Vision;

/// <summary>Folders of images as domains.</summary>
public sealed class ImageFolderTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly TemporaryFolder work = new();

    [Fact]
    public void Open_AFolderForEachClass_GivesImagesAndClassNames()
    {
        Pictures.Write(work.File("cat/b.png"));
        Pictures.Write(work.File("cat/inner/a.jpg"));
        Pictures.Write(work.File("dog/c.png"), corner: SKColors.White);
        File.WriteAllText(work.File("cat/notes.txt"), "no image");

        var folder = ImageFolder.Open(work.File("."), new ImageFolderOptions { Size = 20, CropShare = 1 });
        var domain = folder.Labeled();

        Assert.Equal(["cat", "dog"], folder.Classes);
        Assert.Equal(3, folder.Count);
        Assert.Equal([0L, 0, 1], domain.Labels.data<long>().ToArray());
        Assert.Equal(["cat", "dog"], domain.Space.Names);
        var images = folder.Read(tensor(new long[] { 2, 0 }));
        Assert.Equal([2L, 3, 20, 20], images.shape);
        Assert.Equal([1f, 1, 1], images[0, .., 2, 2].data<float>().ToArray());
        Assert.Equal([1f, 0, 0], images[1, .., 2, 2].data<float>().ToArray());
        Assert.Equal([0f, 0, 1], images[1, .., 15, 15].data<float>().ToArray());
    }

    [Fact]
    public void Open_WithTheClassesOfAnother_GivesTheSameNumbers()
    {
        Pictures.Write(work.File("dog/c.png"));
        string[] classes = ["cat", "dog", "horse"];

        var folder = ImageFolder.Open(work.File("."), new ImageFolderOptions { Classes = classes });

        Assert.Equal(1, folder.Labeled().Labels[0].item<long>());
        Assert.Equal(3, folder.Labeled().Space.Width);
        var fault = Assert.Throws<InvalidDataException>(() =>
            ImageFolder.Open(work.File("."), new ImageFolderOptions { Classes = ["cat"] })
        );
        Assert.Contains("dog", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OpenList_PathsAndNumbers_AreTheImages()
    {
        Pictures.Write(work.File("my pictures/one.png"));
        Pictures.Write(work.File("two.png"));
        File.WriteAllText(work.File("list.txt"), "my pictures/one.png 1\ntwo.png\t0\n");
        File.WriteAllText(work.File("bad.txt"), "one.png\n");

        var folder = ImageFolder.OpenList(work.File("list.txt"));

        Assert.Equal([1L, 0], folder.Labeled().Labels.data<long>().ToArray());
        Assert.Equal([2L, 3, 224, 224], folder.Read(arange(0, 2)).shape);
        Assert.Contains(
            "line 1",
            Assert.Throws<InvalidDataException>(() => ImageFolder.OpenList(work.File("bad.txt"))).Message
        );
        Assert.Throws<InvalidDataException>(() =>
            ImageFolder.OpenList(work.File("list.txt"), options: new ImageFolderOptions { Classes = ["one"] })
        );
    }

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(2, 0, 1)]
    [InlineData(3, 1, 1)]
    [InlineData(4, 1, 0)]
    [InlineData(5, 0, 0)]
    [InlineData(6, 0, 1)]
    [InlineData(7, 1, 1)]
    [InlineData(8, 1, 0)]
    public void Read_AnyOrientationOfTheCamera_IsUpright(byte orientation, int row, int column)
    {
        Pictures.Write(work.File("a/x.jpg"), 60, 40);
        Pictures.Orient(work.File("a/x.jpg"), orientation);

        var image = Read(work.File("."), ImageFit.Stretch);

        // The corner of the other color has moved with the picture.
        var corner = image[0, 0, (row * 10) + 5, (column * 10) + 5].item<float>();
        Assert.True(corner > 0.9, $"{corner}");
        Assert.True(image[0, 0].mean().item<float>() is > 0.2f and < 0.3f);
    }

    // Four channels as Adobe's programs write them: 255 is no ink.
    [Theory]
    [InlineData(255, 128, 0, 255)]
    [InlineData(255, 128, 0, 128)]
    [InlineData(0, 255, 255, 255)]
    [InlineData(255, 255, 255, 0)]
    public void Read_CmykJpeg_IsColor(byte cyan, byte magenta, byte yellow, byte black)
    {
        Pictures.WriteCmyk(work.File("a/print.jpg"), cyan, magenta, yellow, black);

        var image = Read(work.File("."), ImageFit.Stretch)[0];

        Assert.Equal([3L, 20, 20], image.shape);
        foreach (var (channel, ink) in new[] { cyan, magenta, yellow }.Index())
        {
            var expected = ink * black / 255f / 255f;
            Assert.Equal(expected, image[channel].min().item<float>(), 0.012f);
            Assert.Equal(expected, image[channel].max().item<float>(), 0.012f);
        }
    }

    [Fact]
    public void Read_GrayAndTransparent_AreColorOnWhite()
    {
        Pictures.Write(work.File("a/gray.jpg"), type: SKColorType.Gray8, corner: SKColors.White, rest: SKColors.Gray);
        Pictures.Write(work.File("a/open.png"), corner: SKColors.Transparent, rest: SKColors.Red.WithAlpha(128));

        var images = Read(work.File("."), ImageFit.Stretch);

        Assert.True(images[0, 0].allclose(images[0, 2], atol: 1e-3));
        Assert.Equal(1, images[1, 1, 2, 2].item<float>());
        Assert.Equal([1f, 1 - (128 / 255f), 1 - (128 / 255f)], images[1, .., 15, 15].data<float>().ToArray());
    }

    [Fact]
    public void Read_AWideImage_LosesItsBordersOrItsProportions()
    {
        Pictures.Write(work.File("a/wide.png"), 80, 40);

        var crop = Read(work.File("."), ImageFit.Crop);
        var stretch = Read(work.File("."), ImageFit.Stretch);

        // The middle half keeps a quarter of its width in the corner's color, as the whole does.
        Assert.Equal(0.25f, crop[0, 0].mean().item<float>(), 0.02f);
        Assert.Equal(0.25f, stretch[0, 0].mean().item<float>(), 0.02f);
        Pictures.Write(work.File("b/tall.png"), 40, 80, rest: SKColors.Blue);
        Assert.Equal([2L, 3, 20, 20], Read(work.File("."), ImageFit.Crop).shape);
    }

    [Theory]
    [InlineData(30_000, 1)]
    [InlineData(224, 1e-9)]
    public void Open_ImagesTooLargeToHold_AreRefused(int size, double share) =>
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            ImageFolder.Open(work.File("."), new ImageFolderOptions { Size = size, CropShare = share })
        );

    [Fact]
    public void OpenList_BlankLines_AreSkippedAndIdentifiersRefused()
    {
        File.WriteAllText(work.File("list.txt"), "one.png 1\n\ntwo.png 0\n \n");
        File.WriteAllText(work.File("bad.txt"), "one.png 2147483647\n");

        Assert.Equal(2, ImageFolder.OpenList(work.File("list.txt")).Count);
        var fault = Assert.Throws<InvalidDataException>(() => ImageFolder.OpenList(work.File("bad.txt")));
        Assert.Contains("line 1", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(40_000, 40_000)] // its bytes overflow to a positive number, 32 bit
    [InlineData(30_000, 30_000)] // to a negative one
    [InlineData(1_000_000, 1_000_000)]
    public void Read_AFileThatClaimsTooManyPixels_IsNamedBeforeAnythingIsDecoded(uint width, uint height)
    {
        Pictures.Claim(work.File("a/bomb.png"), width, height);
        var folder = ImageFolder.Open(work.File("."));

        var fault = Assert.Throws<InvalidDataException>(() => folder.Read(tensor(new long[] { 0 })));

        Assert.Contains("bomb.png", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(6000, 2)]
    [InlineData(2, 6001)]
    [InlineData(900, 30)]
    public void Read_AVeryLongImage_IsItsCenter(int width, int height)
    {
        // Its upper left quarter is red, and therefore the center's is.
        Pictures.Write(work.File("a/long.png"), width, height);
        var folder = ImageFolder.Open(work.File("."), new ImageFolderOptions { Size = 224, CropShare = 1 });

        var images = folder.Read(arange(1));

        Assert.Equal([1f, 0, 0], images[0, .., 5, 5].data<float>().ToArray());
        Assert.Equal([0f, 0, 1], images[0, .., 218, 218].data<float>().ToArray());
    }

    [Fact]
    public void Read_ABrokenFile_IsNamedOrLeftOut()
    {
        Pictures.Write(work.File("a/good.jpg"), 200, 200);
        var whole = File.ReadAllBytes(work.File("a/good.jpg"));
        File.WriteAllBytes(work.File("a/cut.jpg"), whole[..(whole.Length * 2 / 3)]);
        File.WriteAllText(work.File("a/text.png"), "no image");

        var all = ImageFolder.Open(work.File("."));
        var good = ImageFolder.Open(work.File("."), new ImageFolderOptions { Broken = BrokenImages.Skip });

        Assert.Equal(3, all.Count);
        var cut = Assert.Throws<InvalidDataException>(() => all.Read(tensor(new long[] { 0 })));
        Assert.Contains("cut.jpg", cut.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => all.Read(tensor(new long[] { 2 })));
        Assert.Equal(["cut.jpg", "text.png"], good.Skipped.Select(Path.GetFileName));
        Assert.Equal([1L, 3, 224, 224], good.Read(arange(0, 1)).shape);
    }

    [Fact]
    public void Open_NothingToRead_SaysSo()
    {
        Directory.CreateDirectory(work.File("empty/a"));

        Assert.Throws<DirectoryNotFoundException>(() => ImageFolder.Open(work.File("nowhere")));
        Assert.Throws<InvalidDataException>(() => ImageFolder.Open(work.File("empty")));
        foreach (
            var options in new ImageFolderOptions[]
            {
                new() { Size = 0 },
                new() { CropShare = 0 },
                new() { CropShare = 1.1 },
                new() { CropShare = double.NaN },
                new() { Threads = -1 },
            }
        )
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => ImageFolder.Open(work.File("empty"), options));
        }
        Pictures.Write(work.File("one/a/x.png"));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            ImageFolder.Open(work.File("one")).Read(tensor(new long[] { 1 }))
        );
    }

    [LongFact]
    public void Read_OfAHundredThousandFiles_NeedsTheSameMemory()
    {
        const int Count = 100_000;
        const int Batch = 500;
        const int MostGrowth = 128; // MiB, of 4,700 that are read
        string[] pictures = [work.File("pictures/a.png"), work.File("pictures/b.jpg")];
        foreach (var picture in pictures)
        {
            Pictures.Write(picture, 200, 160);
        }
        for (var i = 0; i < Count; i++)
        {
            // Files in folders of a thousand, all of them links to the same few.
            var folder = work.File($"images/{(i % 2 == 0 ? "cat" : "dog")}/{i / 1000}");
            Directory.CreateDirectory(folder);
            var picture = pictures[i / 2 % 2];
            File.CreateSymbolicLink(Path.Combine(folder, $"{i}{Path.GetExtension(picture)}"), picture);
        }
        var images = ImageFolder.Open(work.File("images"), new ImageFolderOptions { Size = 64 }).Unlabeled().Rows;
        Assert.Equal(Count, images.Count);
        var held = new List<long>();
        for (long start = 0; start < Count; start += Batch)
        {
            using (var batch = images.Read(arange(start, start + Batch, ScalarType.Int64)))
            {
                Assert.Equal(Batch, batch.shape[0]);
            }
            if ((start + Batch) % (Count / 10) == 0)
            {
                held.Add(Resident() >> 20);
            }
        }

        // What threads keep for themselves is there after the first fifth.
        TestContext.Current.TestOutputHelper?.WriteLine($"MiB after each tenth: {string.Join(", ", held)}");
        Assert.True(held[^1] - held[1] < MostGrowth, $"memory grew: {string.Join(", ", held)} MiB after each tenth.");

        static long Resident()
        {
            GC.Collect();
            using var self = Process.GetCurrentProcess();
            return self.WorkingSet64;
        }
    }

    public void Dispose()
    {
        scope.Dispose();
        work.Dispose();
    }

    private static Tensor Read(string path, ImageFit fit)
    {
        var folder = ImageFolder.Open(
            path,
            new ImageFolderOptions
            {
                Size = 20,
                Fit = fit,
                CropShare = 1,
            }
        );
        return folder.Read(arange(0, folder.Count));
    }
}
