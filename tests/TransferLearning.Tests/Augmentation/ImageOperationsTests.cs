using TransferLearning.Augmentation;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Augmentation;

public sealed class ImageOperationsTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<IAugmentation> Drawing() =>
        [
            new Rotation(),
            new Shear(),
            new Shear { Axis = ImageAxis.Vertical },
            new Translation(),
            new Translation { Axis = ImageAxis.Vertical },
            new Perspective(),
            new HorizontalFlip(),
            new RandomCrop(),
            new RandomCrop { IsReflected = false },
            new Brightness(),
            new Contrast(),
            new Saturation(),
            new Sharpness(),
            new Posterize { LeastBits = 1 },
            new Solarize(),
            new GaussianBlur(),
            new GaussianNoise(),
            new Cutout(),
            new RandomErasing(),
            new RandAugment(),
            new TrivialAugment(),
            new AugMix(),
            new Sometimes(new Invert()),
            Recipes.WeakImageAugmentation(),
            Recipes.StrongImageAugmentation(),
        ];

    [Theory]
    [MemberData(nameof(Drawing))]
    public void View_OfTheSameImageManyTimes_DrawsForEachAndRepeatsByItsKey(IAugmentation view)
    {
        foreach (var type in new[] { float32, float64 })
        {
            var images = Pictures(1, type: type).expand(40, -1, -1, -1).contiguous();
            var before = images.clone();

            var seen = view.Apply(images, new RandomKey(3));

            Assert.True(images.equal(before).all().item<bool>());
            Assert.Equal(images.shape, seen.shape);
            Assert.Equal(type, seen.dtype);
            Assert.True(seen.isfinite().all().item<bool>());
            Assert.True(Different(seen) > 1, $"{view} changes all images alike");
            Assert.True(seen.equal(view.Apply(images, new RandomKey(3))).all().item<bool>());
            Assert.False(seen.equal(view.Apply(images, new RandomKey(4))).all().item<bool>());
        }
    }

    [Theory]
    [MemberData(nameof(Drawing))]
    public void View_OfNoImagesAndOfOneChannel_KeepsTheirShape(IAugmentation view)
    {
        Assert.Equal([0, 3, 12, 10], view.Apply(zeros(0, 3, 12, 10), new RandomKey(1)).shape);
        Assert.Equal([2, 1, 12, 10], view.Apply(rand(2, 1, 12, 10), new RandomKey(1)).shape);
    }

    [Fact]
    public void Rotation_ByQuarterTurns_IsThatOfTheMatrix()
    {
        var images = Pictures(4, 6, 6);

        var turned = Rotation.Of(images, tensor(new double[] { 0, 90, 180, -90 }));

        for (var i = 0; i < 4; i++)
        {
            Alike(rot90(images[i], i, (1, 2)), turned[i]);
        }
    }

    [Fact]
    public void Rotation_ByAnyAngle_LooksUpTheNearestPixel()
    {
        var images = Pictures(2, 7, 9);
        var degrees = tensor(new double[] { 20, -35 });

        var turned = Rotation.Of(images, degrees, fill: 0.25);

        for (var i = 0; i < 2; i++)
        {
            var angle = degrees[i].item<double>() * Math.PI / 180;
            var (cosine, sine) = (Math.Cos(angle), Math.Sin(angle));
            Alike(
                LookedUp(images[i], (x, y) => ((cosine * x) - (sine * y), (sine * x) + (cosine * y)), 0.25),
                turned[i]
            );
        }
    }

    [Theory]
    [InlineData(ImageAxis.Horizontal, false)]
    [InlineData(ImageAxis.Vertical, false)]
    [InlineData(ImageAxis.Horizontal, true)]
    [InlineData(ImageAxis.Vertical, true)]
    public void Shear_OfASlope_MovesEachRowOrColumnByItsNumber(ImageAxis axis, bool isCentered)
    {
        var images = Pictures(2, 7, 9);
        var slopes = tensor(new[] { 0.3, -0.45 });

        var slanted = Shear.Of(images, slopes, axis, isCentered, fill: 0.5);

        var (halfHeight, halfWidth) = isCentered ? (0, 0) : (3.5, 4.5);
        for (var i = 0; i < 2; i++)
        {
            var slope = slopes[i].item<double>();
            (double, double) From(double x, double y) =>
                axis == ImageAxis.Horizontal ? (x + (slope * (y + halfHeight)), y) : (x, y + (slope * (x + halfWidth)));
            Alike(LookedUp(images[i], From, 0.5), slanted[i]);
        }
    }

    [Fact]
    public void Translation_ByPixels_MovesToTheRightAndDown()
    {
        var images = Pictures(2, 5, 6);
        var pixels = tensor(new double[] { 2, -1 });

        var right = Translation.Of(images, pixels);
        var down = Translation.Of(images, pixels, ImageAxis.Vertical);

        Alike(images[0].narrow(2, 0, 4), right[0].narrow(2, 2, 4));
        Alike(zeros(3, 5, 2, dtype: float64), right[0].narrow(2, 0, 2));
        Alike(images[1].narrow(2, 1, 5), right[1].narrow(2, 0, 5));
        Alike(images[0].narrow(1, 0, 3), down[0].narrow(1, 2, 3));
        Alike(images[1].narrow(1, 1, 4), down[1].narrow(1, 0, 4));
    }

    [Fact]
    public void Translation_ByHalfAPixel_IsTheMeanOfTwoWhereItIsSmooth()
    {
        var images = Pictures(1, 5, 6);

        var moved = Translation.Of(images, tensor(new[] { 0.5 }), isSmooth: true);

        Alike((images.narrow(3, 0, 5) + images.narrow(3, 1, 5)) / 2, moved.narrow(3, 1, 5));
    }

    [Fact]
    public void Perspective_OfMovedCorners_BringsTheImagesCornersThere()
    {
        // A straight ramp is interpolated without error: each pixel tells where it came from.
        var (columns, rows) = (arange(9, dtype: float64), arange(7, dtype: float64));
        var ramp = stack([columns.expand(7, 9), rows.unsqueeze(1).expand(7, 9)]).unsqueeze(0);
        var corners = tensor(new double[] { 1, 2, 7, 0, 8, 6, 2, 5 }).view(1, 4, 2);

        var seen = Perspective.Of(ramp, corners);

        double[][] own =
        [
            [0, 0],
            [8, 0],
            [8, 6],
            [0, 6],
        ];
        for (var i = 0; i < 4; i++)
        {
            var (x, y) = ((long)corners[0, i, 0].item<double>(), (long)corners[0, i, 1].item<double>());
            Assert.Equal(own[i][0], seen[0, 0, y, x].item<double>(), 1e-9);
            Assert.Equal(own[i][1], seen[0, 1, y, x].item<double>(), 1e-9);
        }
        var still = Perspective.Of(ramp, tensor(new double[] { 0, 0, 8, 0, 8, 6, 0, 6 }).view(1, 4, 2));
        Alike(ramp, still);
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(5, 1)]
    public void Perspective_OfImagesOfOnePixel_SaysSo(int height, int width)
    {
        var fault = Assert.Throws<ArgumentException>(() =>
            new Perspective().Apply(Pictures(3, height, width), new RandomKey(1))
        );

        Assert.Contains("at least 2 by 2 pixels", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, 4, false)]
    [InlineData(true, 5, true)]
    [InlineData(false, 4, true)]
    public void RandomCrop_OfSidesNoLongerThanTheMirroredPadding_SaysSo(bool isReflected, int side, bool fits)
    {
        var crop = new RandomCrop { Padding = 4, IsReflected = isReflected };

        var thrown = Record.Exception(() => crop.Apply(Pictures(3, 6, side), new RandomKey(1)));

        Assert.Equal(fits, thrown is null);
        Assert.True(fits || thrown!.Message.Contains("at least 5 pixels on each side", StringComparison.Ordinal));
    }

    [Fact]
    public void HorizontalFlip_Always_ReversesEveryRow()
    {
        var images = Pictures(3, 4, 5);

        Alike(images.flip(3), new HorizontalFlip { Probability = 1 }.Apply(images, new RandomKey(1)));
        Alike(images, new HorizontalFlip { Probability = 0 }.Apply(images, new RandomKey(1)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void RandomCrop_OfPlaces_CutsOutOfTheWidenedImage(bool isReflected)
    {
        var images = Pictures(3, 6, 5);
        long[] around = [2, 2, 2, 2];
        var wide = nn.functional.pad(images, around, isReflected ? PaddingModes.Reflect : PaddingModes.Constant);
        var (down, right) = (tensor(new long[] { -2, 0, 2 }), tensor(new long[] { 1, -2, 2 }));

        var cut = RandomCrop.Of(images, down, right, isReflected);

        for (var i = 0; i < 3; i++)
        {
            var (top, left) = (down[i].item<long>() + 2, right[i].item<long>() + 2);
            Alike(wide[i].narrow(1, top, 6).narrow(2, left, 5), cut[i]);
        }
    }

    [Fact]
    public void Brightness_ContrastAndSaturation_AreBlendsOfTheirLesserImage()
    {
        var images = Pictures(2);
        var factors = tensor(new[] { 0.3, 1.6 });
        var wide = factors.view(2, 1, 1, 1);
        var gray = tensor(new[] { 0.299, 0.587, 0.114 }).view(1, 3, 1, 1).mul(images).sum(1, keepdim: true);
        var mean = stack([gray[0].mean(), gray[1].mean()]).view(2, 1, 1, 1);

        Alike((images * wide).clamp(0, 1), Brightness.Of(images, factors));
        Alike(((images * wide) + (mean * (1 - wide))).clamp(0, 1), Contrast.Of(images, factors));
        Alike(((images * wide) + (gray * (1 - wide))).clamp(0, 1), Saturation.Of(images, factors));
        Alike(images.narrow(1, 0, 1), Saturation.Of(images.narrow(1, 0, 1), factors));
    }

    [Fact]
    public void Brightness_OfStrengths_LiesBetweenItsLeastAndItsMost()
    {
        var images = full([3, 1, 2, 2], 0.5, float64);

        var seen = new Brightness { Least = 0.2, Most = 1 }.Apply(images, tensor(new double[] { -1, 0, 1 }));

        Alike(tensor(new[] { 0.1, 0.3, 0.5 }), seen.mean([1L, 2, 3]));
    }

    [Fact]
    public void Sharpness_OfAFactor_BlendsWithTheMeanAroundAndLeavesTheBorder()
    {
        var images = Pictures(1, 4, 5, channels: 1);
        var pixels = images[0, 0];

        var sharp = Sharpness.Of(images, tensor(new[] { 1.4 }))[0, 0];
        var soft = Sharpness.Of(images, tensor(new[] { 0.0 }))[0, 0];

        Alike(pixels[0], sharp[0]);
        Alike(pixels.select(1, 4), soft.select(1, 4));
        for (var row = 1; row < 3; row++)
        {
            for (var column = 1; column < 4; column++)
            {
                var own = pixels[row, column].item<double>();
                var around = pixels.narrow(0, row - 1, 3).narrow(1, column - 1, 3).sum().item<double>();
                var mean = (around + (4 * own)) / 13;
                Assert.Equal(mean, soft[row, column].item<double>(), 1e-12);
                Assert.Equal(Math.Clamp(mean + (1.4 * (own - mean)), 0, 1), sharp[row, column].item<double>(), 1e-12);
            }
        }
    }

    [Fact]
    public void AutoContrast_OfAChannel_GoesFromZeroToOneAndAFlatOneStays()
    {
        var images = (Pictures(2) * 0.5) + 0.2;
        images[1, 2] = 0.7;

        var seen = AutoContrast.Of(images);

        var channel = images[0, 1];
        Alike((channel - channel.min()) / (channel.max() - channel.min()), seen[0, 1]);
        Alike(images[1, 2], seen[1, 2]);
    }

    [Fact]
    public void Equalize_OfAChannel_FollowsTheTableOfItsHistogram()
    {
        var images = Pictures(2, 40, 40, channels: 2).square();
        images[1, 1] = 0.5;

        var seen = Equalize.Of(images);

        Alike(images[1, 1], seen[1, 1]); // one value only
        foreach (var (image, channel) in new[] { (0, 0), (0, 1), (1, 0) })
        {
            int[] values =
            [
                .. images[image, channel].reshape(-1).data<double>().Select(pixel => (int)Math.Round(pixel * 255)),
            ];
            var step = (values.Length - values.Count(value => value == values.Max())) / 255;
            double[] expected =
            [
                .. values.Select(value =>
                    Math.Clamp(((step / 2) + values.Count(other => other < value)) / step, 0, 255) / 255.0
                ),
            ];
            Alike(tensor(expected), seen[image, channel].reshape(-1));
        }
    }

    [Fact]
    public void Posterize_SolarizeAndInvert_OfPixels_AreThoseOfEightBits()
    {
        var images = tensor(new[] { 0, 100, 101, 200, 255.0 }).div(255).view(1, 1, 1, 5).expand(2, 1, 1, 5);

        var posterized = Posterize.Of(images, tensor(new double[] { 3, 8 })) * 255;
        var solarized = Solarize.Of(images, tensor(new[] { 101 / 255.0, 2 })) * 255;

        Alike(tensor(new double[] { 0, 96, 96, 192, 224 }), posterized[0, 0, 0]);
        Alike(images[1] * 255, posterized[1]);
        Alike(tensor(new double[] { 0, 100, 154, 55, 0 }), solarized[0, 0, 0]);
        Alike(images[1] * 255, solarized[1]);
        Alike(1 - images, Invert.Of(images));
    }

    [Fact]
    public void Posterize_OfStrengths_KeepsFromMostToLeastBits()
    {
        var images = Pictures(3, channels: 1);

        var seen = new Posterize { MostBits = 4, LeastBits = 0 }.Apply(images, tensor(new[] { 0, -0.5, 1 }));

        Alike(Posterize.Of(images, tensor(new double[] { 4, 2, 0 })), seen);
    }

    [Fact]
    public void Posterize_Truncated_CutsTheBitsThatItTakesAwayOff()
    {
        var images = Pictures(3, channels: 1);
        var view = new Posterize
        {
            MostBits = 4,
            LeastBits = 0,
            IsTruncated = true,
        };

        var seen = view.Apply(images, tensor(new[] { 0, -0.7, 0.9 }));

        // 2.8 and 3.6 bits less.
        Alike(Posterize.Of(images, tensor(new double[] { 4, 2, 1 })), seen);
    }

    [Fact]
    public void RotationAndTranslation_Truncated_AreByWholeDegreesAndPixels()
    {
        var images = Pictures(2); // 12 by 10
        var strengths = tensor(new[] { 0.8, -0.8 });

        var turned = new Rotation { Degrees = 12, IsTruncated = true }.Apply(images, strengths);
        var moved = new Translation { Share = 1.0 / 3, IsTruncated = true }.Apply(images, strengths);

        // By 9.6 degrees and 2.67 pixels.
        Alike(Rotation.Of(images, tensor(new double[] { 9, -9 })), turned);
        Alike(Translation.Of(images, tensor(new double[] { 2, -2 })), moved);
    }

    [Fact]
    public void Pools_OfFixMatchAndAugMix_KeepThePublishedBits()
    {
        var images = Pictures(3, channels: 1);
        Tensor Seen(IReadOnlyList<IImageOperation> pool, params double[] strengths) =>
            pool.OfType<Posterize>().Single().Apply(images, tensor(strengths));

        Alike(Posterize.Of(images, tensor(new double[] { 7, 5, 4 })), Seen(ImagePools.FixMatch, 0.1, 0.6, 0.99));
        Alike(Posterize.Of(images, tensor(new double[] { 4, 4, 3 })), Seen(ImagePools.AugMix, 0.1, 0.2, 0.3));
        Assert.All(ImagePools.AugMix.OfType<Rotation>(), operation => Assert.True(operation.IsSmooth));
        Assert.All(ImagePools.AugMix.OfType<Shear>(), operation => Assert.True(operation.IsSmooth));
    }

    [Fact]
    public void GaussianBlur_OfWidths_IsTheWeightedMeanAlongBothAxes()
    {
        var images = Pictures(2, 6, 7, channels: 1);
        var deviations = tensor(new[] { 0.6, 1.7 });

        var blurred = GaussianBlur.Of(images, deviations, radius: 2);

        long[] around = [2, 2, 2, 2];
        var wide = nn.functional.pad(images, around, PaddingModes.Reflect);
        for (var i = 0; i < 2; i++)
        {
            var s = deviations[i].item<double>();
            double[] weights = [.. Enumerable.Range(-2, 5).Select(j => Math.Exp(-j * j / (2 * s * s)))];
            var kernel = tensor(weights).unsqueeze(1).matmul(tensor(weights).unsqueeze(0));
            kernel /= kernel.sum();
            for (var row = 0; row < 6; row++)
            {
                for (var column = 0; column < 7; column++)
                {
                    var window = wide[i, 0].narrow(0, row, 5).narrow(1, column, 5);
                    Assert.Equal(
                        (window * kernel).sum().item<double>(),
                        blurred[i, 0, row, column].item<double>(),
                        1e-12
                    );
                }
            }
        }
    }

    [Fact]
    public void GaussianNoise_OfFeatures_HasItsDeviationOrAShareOfTheirs()
    {
        var rows = zeros(4000, 2, dtype: float64);
        rows[.., 1] = arange(4000, dtype: float64);
        var spread = rows.std(0, unbiased: false);

        var plain = new GaussianNoise { Deviation = 0.2 }.Apply(rows, new RandomKey(1)) - rows;
        var relative = new GaussianNoise { Deviation = 0.2, IsRelative = true }.Apply(rows, new RandomKey(1)) - rows;

        Assert.Equal(0.2, plain.std().item<double>(), 0.01);
        Assert.Equal(0, relative.select(1, 0).abs().sum().item<double>());
        Assert.Equal(0.2, (relative.select(1, 1).std() / spread[1]).item<double>(), 0.01);
    }

    [Fact]
    public void Sometimes_OfAView_ChangesItsShareOfRows()
    {
        var images = zeros(2000, 1, 1, 1);

        var seen = new Sometimes(new Invert()) { Probability = 0.3 }.Apply(images, new RandomKey(2));

        Assert.Equal(600, seen.sum().item<float>(), 60f);
        Alike(images, new Sometimes(new Invert()) { Probability = 0 }.Apply(images, new RandomKey(2)));
        Alike(images + 1, new Sometimes(new Invert()) { Probability = 1 }.Apply(images, new RandomKey(2)));
    }

    [Fact]
    public void AugmentationSequence_OfSteps_AppliesThemInOrder()
    {
        var images = Pictures(2);
        var dark = new Brightness { Least = 0.5, Most = 0.5 };

        Alike(1 - (images / 2), new AugmentationSequence(dark, new Invert()).Apply(images, new RandomKey(1)));
        Alike((1 - images) / 2, new AugmentationSequence(new Invert(), dark).Apply(images, new RandomKey(1)));
        Assert.Throws<ArgumentException>(() => new AugmentationSequence());
    }

    [Fact]
    public void InImageRange_OfNormalizedChannels_SeesThemBetweenBlackAndWhite()
    {
        var images = Pictures(2);
        double[] means = [0.5, 0.4, 0.3];
        double[] deviations = [0.2, 0.3, 0.4];
        var (mean, deviation) = (tensor(means).view(1, 3, 1, 1), tensor(deviations).view(1, 3, 1, 1));
        var view = new InImageRange(new Invert(), ImageRange.Normalized(means, deviations));
        var bytes = new InImageRange(new Invert(), ImageRange.Between(0, 255));

        Alike((1 - images - mean) / deviation, view.Apply((images - mean) / deviation, new RandomKey(1)));
        Alike(255 - (images * 255), bytes.Apply(images * 255, new RandomKey(1)));
        Assert.Throws<ArgumentException>(() => view.Apply(images.narrow(1, 0, 2), new RandomKey(1)));
        Assert.Throws<ArgumentException>(() => ImageRange.Normalized([0.5], [0]));
        Assert.Throws<ArgumentException>(() => ImageRange.Between(1, 1));
    }

    [Fact]
    public void Operations_OfRowsOfFeatures_SayWhatTheyNeed()
    {
        var fault = Assert.Throws<ArgumentException>(() => new Rotation().Apply(zeros(3, 4), new RandomKey(1)));
        Assert.Equal("inputs", fault.ParamName);
        Assert.Contains("[n, channels, height, width]", fault.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Brightness.Of(zeros(3, 1, 2, 2), ones(2)));
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Pictures(
        long count,
        long height = 12,
        long width = 10,
        long channels = 3,
        ScalarType type = ScalarType.Float64
    )
    {
        using var generator = new RandomKey(7).Generator();
        return rand([count, channels, height, width], dtype: type, generator: generator);
    }

    private static int Different(Tensor images) =>
        Enumerable
            .Range(0, (int)images.shape[0])
            .Select(i => Convert.ToHexString(images[i].contiguous().bytes))
            .Distinct(StringComparer.Ordinal)
            .Count();

    private static void Alike(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.True(expected.allclose(actual, 1e-9, 1e-12), $"expected {expected.str()}, got {actual.str()}");
    }

    /// <summary>Each pixel is the nearest to where it comes from, counted from the center.</summary>
    private static Tensor LookedUp(Tensor image, Func<double, double, (double X, double Y)> from, double fill)
    {
        var (height, width) = (image.shape[1], image.shape[2]);
        var found = full_like(image, fill);
        for (var row = 0; row < height; row++)
        {
            for (var column = 0; column < width; column++)
            {
                var (x, y) = from(column + 0.5 - (width / 2.0), row + 0.5 - (height / 2.0));
                var (c, r) = ((long)Math.Floor(x + (width / 2.0)), (long)Math.Floor(y + (height / 2.0)));
                if (r >= 0 && r < height && c >= 0 && c < width)
                {
                    found[.., row, column] = image[.., r, c];
                }
            }
        }
        return found;
    }
}
