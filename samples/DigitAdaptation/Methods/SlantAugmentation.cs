using TransferLearning;
using TransferLearning.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace DigitAdaptation.Methods;

/// <summary>
/// Images as other hands might have drawn them: moved by up to one pixel and leaned by up to a quarter of a pixel a
/// row, along and across, each by its own way, under a little noise.
/// </summary>
internal sealed class SlantAugmentation : IAugmentation
{
    private const int Move = 1;
    private const double Lean = 0.25;
    private const double Noise = 0.1;

    public Tensor Apply(Tensor inputs, RandomKey key)
    {
        using var scope = NewDisposeScope();
        using var generator = key.Generator();
        var drawn = Leaned(Leaned(inputs, generator).mT, generator).mT;
        var noise = randn(drawn.shape, generator: generator).to(drawn.dtype, drawn.device);
        return (drawn + (noise * Noise)).MoveToOuterDisposeScope();
    }

    /// <summary>The images <c>[n, 1, h, w]</c> with every row moved along by a whole number of pixels.</summary>
    private static Tensor Leaned(Tensor images, Generator generator)
    {
        var (count, height, width) = (images.shape[0], images.shape[2], images.shape[3]);
        var middle = (height - 1) / 2.0;
        var reach = Move + (long)Math.Ceiling(Lean * middle);
        var moves = randint(-Move, Move + 1, [count, 1], generator: generator).to(float32);
        var leans = (rand([count, 1], generator: generator) - 0.5) * (2 * Lean);
        var offsets = (moves + (leans * (arange(height, dtype: float32) - middle))).round().to(int64);
        var columns = (offsets + reach).view(count, 1, height, 1) + arange(width, dtype: int64);
        return pad(images, (reach, reach, 0L, 0L)).gather(3, columns.to(images.device));
    }
}
