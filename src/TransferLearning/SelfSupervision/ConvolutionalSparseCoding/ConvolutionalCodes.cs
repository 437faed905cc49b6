using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.SelfSupervision;

/// <summary>
/// Learned banks of filters, the result of <see cref="ConvolutionalSparseCoding"/>: they map images to what each filter
/// finds in each part of them. They compute in float64 and answer in the images' dtype.
/// </summary>
[SavedPart("convolutional-codes")]
public sealed class ConvolutionalCodes : IFeatureExtractor, ISavedPart, IDisposable
{
    private Tensor?[] banks = [];
    private Tensor? mean;
    private Tensor? objectives;
    private double unit;
    private double sparsity;
    private long iterations;
    private long height;
    private long width;
    private long grid;
    private long contrast;

    private ConvolutionalCodes() { }

    internal ConvolutionalCodes(
        IReadOnlyList<Tensor> banks,
        Tensor mean,
        double unit,
        IReadOnlyList<double> objectives,
        ConvolutionalSparseCoding from
    )
    {
        this.banks = [.. banks.Select(bank => bank.contiguous().DetachFromDisposeScope())];
        this.mean = mean.contiguous().DetachFromDisposeScope();
        this.objectives = tensor([.. objectives], dtype: float64).DetachFromDisposeScope();
        (this.unit, sparsity, iterations) = (unit, from.Sparsity, from.Iterations);
        (height, width, grid, contrast) = (from.Height, from.Width, from.Grid, from.ContrastWindow);
    }

    /// <summary>
    /// The filters of each scale, no longer than 1, float64 <c>[k, channels, s, s]</c>. They belong to the map.
    /// </summary>
    public IReadOnlyList<Tensor> Filters => banks!;

    /// <summary>
    /// The objective after each round of the fit, the mean over its images, float64 <c>[rounds]</c>; it never grows. It
    /// belongs to the map.
    /// </summary>
    public Tensor Objectives => objectives!;

    /// <summary>The images' channels.</summary>
    internal long Channels => mean!.shape[0];

    /// <summary>
    /// The features: for each scale and each of its filters a grid of numbers, the largest size of a code in each cell
    /// after it was set against its surroundings. No gradient flows through them.
    /// </summary>
    /// <param name="inputs">
    /// Images <c>[n, channels, h, w]</c>, of the fit's size or another one that holds the filters and the grid, or rows
    /// <c>[n, channels h w]</c> of the fit's size.
    /// </param>
    public Tensor Extract(Tensor inputs)
    {
        Images(inputs);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return Blocks(inputs, maps => [cat([.. maps.Select(Pooled)], 1)]).Single().MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The codes themselves: maps <c>[n, k, h - s + 1, w - s + 1]</c>, one tensor a scale; most numbers are 0.
    /// </summary>
    /// <param name="inputs">As of <see cref="Extract"/>.</param>
    /// <returns>The maps in the images' dtype; the caller disposes them.</returns>
    public IReadOnlyList<Tensor> Codes(Tensor inputs)
    {
        Images(inputs);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return [.. Blocks(inputs, maps => maps).Select(map => map.MoveToOuterDisposeScope())];
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        long scales = banks.Length;
        state.Number("scales", ref scales);
        banks = state.IsLoading ? new Tensor?[scales] : banks;
        for (var s = 0; s < scales; s++)
        {
            state.Slot($"filters {s}", ref banks[s]);
        }
        state.Slot("mean", ref mean);
        state.Slot("objectives", ref objectives);
        state.Number("unit", ref unit);
        state.Number("sparsity", ref sparsity);
        state.Number("iterations", ref iterations);
        state.Number("height", ref height);
        state.Number("width", ref width);
        state.Number("grid", ref grid);
        state.Number("contrast", ref contrast);
    }

    /// <summary>Disposes the filters, the mean and the objectives.</summary>
    public void Dispose()
    {
        foreach (IDisposable? bank in banks)
        {
            bank?.Dispose();
        }
        mean?.Dispose();
        objectives?.Dispose();
    }

    // What is made of the codes of some images at a time, one below the other, in the inputs' dtype.
    private IEnumerable<Tensor> Blocks(Tensor inputs, Func<Tensor[], Tensor[]> make)
    {
        var images = inputs.dim() == 4 ? inputs : inputs.reshape(-1, Channels, height, width);
        var (h, w) = (images.shape[2], images.shape[3]);
        var curvature = FilterBanks.Curvature(Filters, h, w);
        var parts = new List<Tensor[]>();
        foreach (var (start, count) in RowBlocks.Of(images.shape[0], banks.Sum(bank => bank!.shape[0]) * h * w))
        {
            using var block = NewDisposeScope();
            var x = (images.narrow(0, start, count).to(float64) - mean!.view(1, -1, 1, 1)) * (1 / unit);
            var made = make(FilterBanks.Coded(x, Filters, sparsity, curvature, iterations));
            parts.Add([.. made.Select(part => part.to(inputs.dtype).MoveToOuterDisposeScope())]);
        }
        return parts[0].Select((part, j) => parts.Count == 1 ? part : cat([.. parts.Select(of => of[j])]));
    }

    private Tensor Pooled(Tensor codes, int scale)
    {
        var sizes = codes.abs();
        sizes = contrast > 0 ? Contrasted(sizes) : sizes;
        return nn.functional.adaptive_max_pool2d(sizes, Cells(scale)).flatten(1);
    }

    // How many cells the fit's images have along each axis.
    private long[] Cells(int scale)
    {
        var beyond = banks[scale]!.shape[2] - 1;
        return [Math.Min(grid, height - beyond), Math.Min(grid, width - beyond)];
    }

    // Less the mean around, over all filters of the scale; divided by the spread around, or by its mean over the image
    // where that is larger.
    private Tensor Contrasted(Tensor sizes)
    {
        var side = contrast / 2;
        var offsets = arange(-side, side + 1, ScalarType.Float64, sizes.device);
        var along = (offsets.square() * (-2.0 / Math.Max(1, side * side))).exp();
        var window = along.outer(along).view(1, 1, (2 * side) + 1, (2 * side) + 1);
        Tensor Sum(Tensor of) => nn.functional.conv2d(of, window, padding: [side, side]);
        // Near the border the window has fewer places, which weigh the more.
        var all = Sum(full([1, 1, sizes.shape[2], sizes.shape[3]], 1, float64, sizes.device));
        Tensor Around(Tensor of) => Sum(of.mean([1L], keepdim: true)) / all;
        var centered = sizes - Around(sizes);
        var spread = Around(centered.square()).sqrt();
        return centered / spread.maximum(spread.mean([2L, 3L], keepdim: true)).clamp_min(1e-12);
    }

    private void Images(Tensor inputs)
    {
        Guard.Alive(this, mean);
        Guard.Alive(inputs);
        if (inputs.dim() != 4)
        {
            Guard.Fitted(inputs, Channels * height * width);
            return;
        }
        var least = new long[2];
        for (var s = 0; s < banks.Length; s++)
        {
            var (beyond, cells) = (banks[s]!.shape[2] - 1, Cells(s));
            least = [Math.Max(least[0], beyond + cells[0]), Math.Max(least[1], beyond + cells[1])];
        }
        if (
            !inputs.is_floating_point()
            || inputs.shape[1] != Channels
            || inputs.shape[2] < least[0]
            || inputs.shape[3] < least[1]
        )
        {
            throw new ArgumentException(
                $"inputs must be images [n, {Channels}, h, w] of a floating dtype, at least {least[0]} x {least[1]}, "
                    + $"so that they hold the filters and the grid; got {Shape.Of(inputs)}.",
                nameof(inputs)
            );
        }
    }
}
