using static TorchSharp.torch;

namespace TransferLearning.Tests.Support;

/// <summary>
/// Drawn figures of a head, two arms and two legs, in two styles: thick bright strokes, and thin outlines on a textured
/// ground.
/// </summary>
internal static class StickFigures
{
    /// <summary>Images are squares of so many pixels.</summary>
    public const long Size = 32;

    /// <summary>Head, left hand, right hand, left foot, right foot.</summary>
    public const long Keypoints = 5;

    /// <summary>Filled strokes, nearly without noise.</summary>
    public static LabeledDomain Strokes(long rows, long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        var joints = Joints(rows, generator);
        var ink = ((1.6 - Distance(joints)) * 3).sigmoid();
        var noise = randn([rows, 1, Size, Size], generator: generator) * 0.05;
        return new LabeledDomain(ink + noise, Labels(joints));
    }

    /// <summary>Outlines of the same strokes, on waves and noise.</summary>
    public static LabeledDomain Outlines(long rows, long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        var joints = Joints(rows, generator);
        var ink = ((Distance(joints) - 1.6) / 0.7).square().neg().exp();
        Tensor Drawn(double from, double to) => (rand([rows, 1, 1, 1], generator: generator) * (to - from)) + from;
        var (across, down) = (
            arange(Size, float32).reshape(1, 1, 1, Size),
            arange(Size, float32).reshape(1, 1, Size, 1)
        );
        var waves = ((across * Drawn(0.2, 0.8)) + (down * Drawn(0.2, 0.8)) + Drawn(0, 6)).sin();
        var noise = randn([rows, 1, Size, Size], generator: generator) * 0.1;
        return new LabeledDomain((ink * 0.8) + (waves * 0.15) + noise, Labels(joints));
    }

    /// <summary>Images to features [n, width, 16, 16].</summary>
    public static nn.Module<Tensor, Tensor> Extractor(long width) =>
        nn.Sequential(
            nn.Conv2d(1, width, 5, stride: 2, padding: 2),
            nn.InstanceNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, 2 * width, 3, stride: 2, padding: 1),
            nn.InstanceNorm2d(2 * width),
            nn.ReLU(),
            nn.Conv2d(2 * width, 2 * width, 3, padding: 1),
            nn.InstanceNorm2d(2 * width),
            nn.ReLU(),
            nn.ConvTranspose2d(2 * width, width, 4, stride: 2, padding: 1),
            nn.InstanceNorm2d(width),
            nn.ReLU()
        );

    /// <summary>Features to heatmaps [n, 5, 16, 16].</summary>
    public static nn.Module<Tensor, Tensor> Head(long width) =>
        nn.Sequential(
            nn.Conv2d(width, width, 3, padding: 1),
            nn.InstanceNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, Keypoints, 1)
        );

    // Neck, hip and the keypoints, x and y in pixels, [n, 7, 2].
    private static Tensor Joints(long rows, Generator generator)
    {
        Tensor Drawn(double from, double to) => (rand([rows], generator: generator) * (to - from)) + from;
        var (scale, tilt) = (Drawn(0.85, 1.1), Drawn(-0.4, 0.4));
        var (x, y) = (Drawn(13, 18), Drawn(14, 17));
        // A limb hangs down at angle 0; positive angles are to the right.
        (Tensor X, Tensor Y) Limb(double root, double length, Tensor angle) =>
            (angle.sin() * length, (angle.cos() * length) + root);
        (Tensor X, Tensor Y)[] places =
        [
            (zeros(rows), full(rows, -4.0f)),
            (zeros(rows), full(rows, 3.0f)),
            (zeros(rows), full(rows, -8.5f)),
            Limb(-4, 8, -Drawn(0.5, 2.6)),
            Limb(-4, 8, Drawn(0.5, 2.6)),
            Limb(3, 8.5, -Drawn(0.15, 1)),
            Limb(3, 8.5, Drawn(0.15, 1)),
        ];
        Tensor Turned((Tensor X, Tensor Y) place) =>
            stack(
                [
                    (((place.X * tilt.cos()) - (place.Y * tilt.sin())) * scale) + x,
                    (((place.X * tilt.sin()) + (place.Y * tilt.cos())) * scale) + y,
                ],
                1
            );
        return stack([.. places.Select(Turned)], 1);
    }

    private static Tensor Labels(Tensor joints) => (joints.narrow(1, 2, Keypoints) / Size).reshape(joints.shape[0], -1);

    // Of every pixel from the nearest stroke, [n, 1, h, w].
    private static Tensor Distance(Tensor joints)
    {
        var line = arange(Size, float32);
        var pixels = stack([line.expand(Size, Size), line.unsqueeze(1).expand(Size, Size)], 2).unsqueeze(0);
        Tensor Joint(int number) => joints.select(1, number).reshape(-1, 1, 1, 2);
        Tensor Stroke(int from, int to)
        {
            var (start, along) = (Joint(from), Joint(to) - Joint(from));
            var share = ((pixels - start) * along).sum(3, keepdim: true) / along.square().sum(3, keepdim: true);
            return (pixels - start - (share.clamp(0, 1) * along)).square().sum(3).sqrt();
        }
        // A head is a disc, a stroke less a radius.
        var head = (pixels - Joint(2)).square().sum(3).sqrt() - 1;
        Tensor[] strokes = [Stroke(0, 1), Stroke(0, 2), Stroke(0, 3), Stroke(0, 4), Stroke(1, 5), Stroke(1, 6), head];
        return stack(strokes).amin([0L]).unsqueeze(1);
    }
}
