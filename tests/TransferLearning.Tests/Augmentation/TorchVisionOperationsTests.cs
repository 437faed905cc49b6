using System.Reflection;
using TransferLearning.Augmentation;
using static TorchSharp.torch;
using Functional = TorchSharp.torchvision.transforms.functional;

namespace TransferLearning.Tests.Augmentation;

/// <summary>
/// Every image operation that TorchVision has as well, beside TorchVision's at the same parameters, on the same images.
/// </summary>
/// <remarks>
/// TorchVision changes a whole batch by one number; ours takes one for each image, so that its images go one by one.
/// Its grays weigh red by 0.2989 where the Python imaging library, and ours, have 0.299: a difference of 1e-4 times how
/// far a factor is from 1. Some of its operations take bytes only; ours take <c>v / 255</c>. What comes in from
/// outside is filled by a shift of the pixels here, which rounds the last bit. Four operations are not what they stand
/// for in TorchVision 0.107.0: each has a test of its own that shows both beside the formula. Of perspectives the
/// smooth ones are compared: TorchVision solves for its map in float32, whose error can take a neighbor of the nearest
/// pixel.
/// </remarks>
public sealed class TorchVisionOperationsTests : IDisposable
{
    private const int Height = 40;
    private const int Width = 36;
    private static readonly double[] _factors = [0, 0.3, 1.6];
    private static readonly double[] _degrees = [20, -35, 170];
    private static readonly double[] _slopes = [0.3, -0.45, 0.07];
    private static readonly int[] _moves = [3, -5, 0];

    private static readonly Dictionary<string, Comparison> _comparisons = new(StringComparer.Ordinal)
    {
        ["hflip"] = new(
            0,
            it => new HorizontalFlip { Probability = 1 }.Apply(it, new RandomKey(1)),
            Each(Functional.hflip)
        ),
        ["invert"] = new(0, Invert.Of, Each(Functional.invert)),
        ["adjust_brightness"] = OfFactors(0, Brightness.Of, Functional.adjust_brightness),
        ["adjust_contrast"] = OfFactors(1e-4, Contrast.Of, Functional.adjust_contrast),
        ["adjust_saturation"] = OfFactors(1e-4, Saturation.Of, Functional.adjust_saturation),
        ["rgb_to_grayscale"] = new(
            1.01e-4,
            it => Saturation.Of(it, zeros(3)),
            Each(image => Functional.rgb_to_grayscale(image, 3))
        ),
        ["adjust_sharpness"] = OfFactors(0, Sharpness.Of, Functional.adjust_sharpness),
        ["autocontrast"] = new(1e-6, AutoContrast.Of, Each(Functional.autocontrast)),
        ["equalize"] = new(0, it => Bytes(Equalize.Of(it)), it => Functional.equalize(Bytes(it))),
        ["posterize"] = new(
            0,
            it => Bytes(Posterize.Of(it, tensor(new double[] { 8, 3, 1 }))),
            Each((image, i) => Functional.posterize(Bytes(image), new[] { 8, 3, 1 }[i]))
        ),
        // The second threshold is a pixel's own value, which is inverted by both.
        ["solarize"] = new(
            0,
            it => Solarize.Of(it, tensor(new[] { 0.4f, 101 / 255f, 1 })),
            Each((image, i) => Functional.solarize(image, new[] { 0.4f, 101 / 255f, 1 }[i]))
        ),
        ["rotate"] = new(0, it => Rotation.Of(it, tensor(_degrees)), Turned(InterpolationMode.Nearest, null)),
        ["rotate, filled"] = new(
            1e-7,
            it => Rotation.Of(it, tensor(_degrees), 0.25),
            Turned(InterpolationMode.Nearest, [0.25f])
        ),
        ["rotate, smooth"] = new(
            2e-5,
            it => Rotation.Of(it, tensor(_degrees), isSmooth: true),
            Turned(InterpolationMode.Bilinear, null)
        ),
        ["affine, to the right"] = new(
            1e-7,
            it => Translation.Of(it, tensor(_moves), fill: 0.5),
            Each((image, i) => Functional.affine(image, translate: [_moves[i], 0], fill: 0.5f))
        ),
        ["affine, downward"] = new(
            0,
            it => Translation.Of(it, tensor(_moves), ImageAxis.Vertical),
            Each((image, i) => Functional.affine(image, translate: [0, _moves[i]]))
        ),
        // TorchVision slants by an angle, about the center; the slope is its tangent.
        ["affine, slanted"] = new(
            1e-7,
            it => Shear.Of(it, tensor(_slopes), isCentered: true, fill: 0.5),
            Each((image, i) => Functional.affine(image, shear: [Angle(_slopes[i]), 0], fill: 0.5f))
        ),
        ["affine, slanted downward"] = new(
            0,
            it => Shear.Of(it, tensor(_slopes), ImageAxis.Vertical, isCentered: true),
            Each((image, i) => Functional.affine(image, shear: [0, Angle(_slopes[i])]))
        ),
        // About the corner: half the height times the slope further to the left.
        ["affine, slanted about the corner"] = new(
            0,
            it => Shear.Of(it, tensor(new[] { 0.25, -0.25, 0.05 })),
            Each(
                (image, i) =>
                    Functional.affine(
                        image,
                        shear: [Angle(new[] { 0.25, -0.25, 0.05 }[i]), 0],
                        translate: [new[] { -5, 5, -1 }[i], 0]
                    )
            )
        ),
        ["perspective"] = new(
            2e-4,
            it => Perspective.Of(it, Moved()),
            Each((image, i) => Functional.perspective(image, Corners(), Goals(i)))
        ),
        ["pad and crop"] = new(
            0,
            it => RandomCrop.Of(it, tensor(Longs(_moves)), tensor(Longs([2, -1, 4]))),
            Each(
                (image, i) =>
                    Functional.crop(
                        Functional.pad(image, [5, 5, 5, 5], padding_mode: PaddingModes.Reflect),
                        _moves[i] + 5,
                        new[] { 2, -1, 4 }[i] + 5,
                        Height,
                        Width
                    )
            )
        ),
        ["crop"] = new(
            0,
            it => RandomCrop.Of(it, tensor(Longs(_moves)), tensor(Longs([2, -1, 4])), isReflected: false),
            Each((image, i) => Functional.crop(image, _moves[i], new[] { 2, -1, 4 }[i], Height, Width))
        ),
        // A hole of side 8 about (row, column): it ends at the image's border.
        ["erase"] = new(
            0,
            it =>
                it
                * Cutout
                    .Mask(
                        tensor(
                            new long[,]
                            {
                                { 20 },
                                { 2 },
                                { 39 },
                            }
                        ),
                        tensor(
                            new long[,]
                            {
                                { 10 },
                                { 35 },
                                { 0 },
                            }
                        ),
                        Height,
                        Width,
                        8
                    )
                    .unsqueeze(1),
            Each(
                (image, i) =>
                {
                    var (top, left) = (new[] { 16, 0, 35 }[i], new[] { 6, 31, 0 }[i]);
                    var (bottom, right) = (new[] { 24, 6, 40 }[i], new[] { 14, 36, 4 }[i]);
                    return Functional.erase(image, top, left, bottom - top, right - left, tensor(0f));
                }
            )
        ),
    };

    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<string> Names() => [.. _comparisons.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Operation_AtTheSameParameters_GivesTorchVisionsPixels(string name)
    {
        var (tolerance, ours, theirs) = _comparisons[name];
        var images = Pictures();

        var (own, other) = (ours(images), theirs(images));

        Assert.Equal(other.shape, own.shape);
        var farthest = (own.to(float64) - other.to(float64)).abs().max().item<double>();
        Assert.True(farthest <= tolerance, $"{name}: pixels differ by up to {farthest}, more than {tolerance}");
        Assert.False(other.to(float64).equal(images.to(float64)).all().item<bool>(), $"{name} changes nothing");
    }

    [Fact]
    public void Comparisons_OfAllThatTorchVisionHas_LeaveOutWhatIsNoOperationHere()
    {
        string[] differs = ["gaussian_blur"]; // below
        string[] hasNone =
        [
            "adjust_gamma",
            "adjust_hue",
            "center_crop",
            "convert_image_dtype",
            "get_dimensions",
            "normalize",
            "resize",
            "resized_crop",
            "vflip",
        ];

        var there = typeof(Functional)
            .GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .Select(method => method.Name)
            .Distinct(StringComparer.Ordinal);

        var compared = _comparisons.Keys.SelectMany(name => name.Split(',')[0].Split(" and "));
        Assert.Equal(
            there.Order(StringComparer.Ordinal),
            compared.Concat(differs).Concat(hasNone).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
        );
    }

    // TorchVision.NET's weights are j^2 / 2 s^2 without the exponential: the pixel itself does not count.
    [Fact]
    public void GaussianBlur_OfASinglePixel_IsTheBellThatTorchVisionsIsNot()
    {
        var image = zeros(1, 1, 9, 9);
        image[0, 0, 4, 4] = 1;

        var own = GaussianBlur.Of(image, tensor(new[] { 1.0 }), radius: 2)[0, 0];
        var other = Functional.gaussian_blur(image, 5, 1f)[0, 0];

        double[] bell = [.. Enumerable.Range(-2, 5).Select(j => Math.Exp(-j * j / 2.0))];
        double[] squares = [4, 1, 0, 1, 4];
        for (var row = 0; row < 5; row++)
        {
            for (var column = 0; column < 5; column++)
            {
                var expected = bell[row] * bell[column] / (bell.Sum() * bell.Sum());
                Assert.Equal(expected, own[row + 2, column + 2].item<float>(), 1e-6);
                Assert.Equal(squares[row] * squares[column] / 100, other[row + 2, column + 2].item<float>(), 1e-6);
            }
        }
    }

    // TorchVision.NET finds images with a flat channel and leaves all of their channels; Python's the flat one.
    [Fact]
    public void AutoContrast_OfAnImageWithAFlatChannel_StretchesTheOthers()
    {
        var images = Pictures() * 0.5;
        images[1, 2] = 0.3f;

        var (own, other) = (AutoContrast.Of(images), Functional.autocontrast(images));

        var channel = images[1, 0];
        Alike((channel - channel.min()) / (channel.max() - channel.min()), own[1, 0], 1e-6);
        Alike(images[1, 2], own[1, 2], 0);
        Alike(images[1], other[1], 1e-6);
        Alike(own[0], other[0], 1e-6);
    }

    // TorchVision's border, as in Python, is darkened by what lies outside, and by as much again when it is mixed with
    // the fill.
    [Fact]
    public void Rotation_SmoothAndFilled_MixesTheBorderWithTheFillOnce()
    {
        var images = Pictures();
        var degrees = tensor(_degrees);

        var own = Rotation.Of(images, degrees, 0.25, isSmooth: true);
        var other = Turned(InterpolationMode.Bilinear, [0.25f])(images);

        var inside = Rotation.Of(ones_like(images), degrees, isSmooth: true); // how much of a pixel the image covers
        var black = Rotation.Of(images, degrees, isSmooth: true);
        Alike(black + ((1 - inside) * 0.25), own, 1e-6);
        Alike((black * inside) + ((1 - inside) * 0.25), other, 2e-5);
        Assert.True((own - other).max().item<float>() > 0.1);
    }

    // TorchVision.NET's affine takes the nearest pixel whatever its interpolation says.
    [Fact]
    public void Shear_Smooth_InterpolatesAlongRowsWhereTorchVisionDoesNot()
    {
        var image = Pictures().narrow(0, 0, 1);

        var own = Shear.Of(image, tensor(new[] { 0.3 }), isCentered: true, isSmooth: true);
        var other = Functional.affine(image, shear: [Angle(0.3), 0], interpolation: InterpolationMode.Bilinear);

        Alike(Functional.affine(image, shear: [Angle(0.3), 0]), other, 0);
        for (var row = 0; row < Height; row++)
        {
            var move = 0.3 * (row + 0.5 - (Height / 2.0));
            var whole = (int)Math.Floor(move);
            var share = (float)(move - whole);
            // Columns whose both neighbors lie in the image.
            var first = Math.Max(0, -whole);
            var count = Math.Min(Width - 1, Width - 1 - whole) - first;
            var line = image.select(2, row);
            var expected =
                (line.narrow(2, first + whole, count) * (1 - share))
                + (line.narrow(2, first + whole + 1, count) * share);
            Alike(expected, own.select(2, row).narrow(2, first, count), 2e-5);
        }
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Pictures()
    {
        using var generator = new RandomKey(7).Generator();
        // The square makes the histogram uneven; pixels are whole numbers of 255.
        return (rand([3, 3, Height, Width], generator: generator).square() * 255).round() / 255;
    }

    private static Tensor Bytes(Tensor images) => (images * 255).round().to(uint8);

    private static long[] Longs(int[] numbers) => [.. numbers.Select(number => (long)number)];

    private static float Angle(double slope) => (float)(Math.Atan(slope) * 180 / Math.PI);

    private static void Alike(Tensor expected, Tensor actual, double tolerance)
    {
        Assert.Equal(expected.shape, actual.shape);
        var farthest = (expected - actual).abs().max().item<float>();
        Assert.True(farthest <= tolerance, $"differ by up to {farthest}, more than {tolerance}");
    }

    private static Func<Tensor, Tensor> Each(Func<Tensor, Tensor> one) => Each((image, _) => one(image));

    private static Func<Tensor, Tensor> Each(Func<Tensor, int, Tensor> one) =>
        images => cat([.. Enumerable.Range(0, 3).Select(i => one(images.narrow(0, i, 1), i))]);

    // The farthest factor is 1 from 1.
    private static Comparison OfFactors(
        double tolerance,
        Func<Tensor, Tensor, Tensor> ours,
        Func<Tensor, double, Tensor> theirs
    ) =>
        new(tolerance + 1e-6, images => ours(images, tensor(_factors)), Each((image, i) => theirs(image, _factors[i])));

    private static Func<Tensor, Tensor> Turned(InterpolationMode mode, float[]? fill) =>
        Each((image, i) => Functional.rotate(image, (float)_degrees[i], mode, fill: fill));

    private static int[][] Corners() =>
        [
            [0, 0],
            [Width - 1, 0],
            [Width - 1, Height - 1],
            [0, Height - 1],
        ];

    private static int[][] Goals(int image) =>
        image switch
        {
            0 =>
            [
                [3, 5],
                [30, 1],
                [33, 35],
                [6, 30],
            ],
            1 =>
            [
                [8, 2],
                [32, 7],
                [25, 38],
                [1, 36],
            ],
            _ =>
            [
                [0, 0],
                [35, 0],
                [30, 36],
                [4, 39],
            ],
        };

    /// <summary>Where TorchVision's maps bring the centers of the corner pixels.</summary>
    /// <remarks>
    /// TorchVision's places are counted from the image's upper left edge, so that a pixel's center has a half in it,
    /// as in the Python imaging library; ours are counted from the center of the first pixel, so that a corner's goal
    /// is where its pixel goes.
    /// </remarks>
    private static Tensor Moved()
    {
        var moved = empty(3, 4, 2, dtype: float64);
        for (var image = 0; image < 3; image++)
        {
            var (rows, values) = (new double[8, 8], new double[8]);
            for (var i = 0; i < 4; i++)
            {
                var ((x, y), (toX, toY)) = (Pair(Corners()[i]), Pair(Goals(image)[i]));
                double[] forX = [x, y, 1, 0, 0, 0, -toX * x, -toX * y];
                double[] forY = [0, 0, 0, x, y, 1, -toY * x, -toY * y];
                for (var j = 0; j < 8; j++)
                {
                    (rows[2 * i, j], rows[(2 * i) + 1, j]) = (forX[j], forY[j]);
                }
                (values[2 * i], values[(2 * i) + 1]) = (toX, toY);
            }
            var m = linalg.solve(tensor(rows), tensor(values)).data<double>().ToArray();
            for (var i = 0; i < 4; i++)
            {
                var (x, y) = Pair(Corners()[i]);
                (x, y) = (x + 0.5, y + 0.5);
                var depth = (m[6] * x) + (m[7] * y) + 1;
                moved[image, i, 0] = (((m[0] * x) + (m[1] * y) + m[2]) / depth) - 0.5;
                moved[image, i, 1] = (((m[3] * x) + (m[4] * y) + m[5]) / depth) - 0.5;
            }
        }
        return moved;
    }

    private static (double X, double Y) Pair(int[] place) => (place[0], place[1]);

    private sealed record Comparison(double Tolerance, Func<Tensor, Tensor> Ours, Func<Tensor, Tensor> Theirs);
}
