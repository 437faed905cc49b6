using Microsoft.Extensions.Logging;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.SelfSupervision;

/// <summary>
/// Multi-scale convolutional sparse coding: filters of several sizes are learned from images without labels, and an
/// image maps to what each filter finds in each part of it.
/// </summary>
/// <remarks>
/// <para>
/// Minimizes <c>sum_i w_i (1/2 |x_i - sum_s sum_k d_sk * z_isk|^2 + Sparsity sum_s sum_k |z_isk|_1)</c> over maps z of
/// codes and filters d no longer than 1, of all scales s together: each place of an image is explained by the scale
/// that does it with the fewest codes (Chang, Han, Zhong, Snijders and Mao 2018, "Unsupervised Transfer Learning via
/// Multi-Scale Convolutional Sparse Coding for Biomedical Applications"). A filter lies within the image: of side s it
/// has <c>h - s + 1</c> by <c>w - s + 1</c> places. The features are the codes' sizes, set against their surroundings
/// (local contrast normalization of Jarrett, Kavukcuoglu, Ranzato and LeCun 2009), and their maxima in the cells of a
/// grid.
/// </para>
/// <para>
/// Images are taken from their channels' means and divided by their spread, the root of the mean squared distance of a
/// number from it, so that the sparsity means the same in any unit. Codes are found by FISTA (Beck and Teboulle 2009)
/// with the largest curvature over all frequencies, the filters by projected gradient steps, each filter's step by how
/// much it is used, shortened until the objective falls as the quadratic bound promises; both in turns, each from the
/// last one's result. Labels are not used: the sources may be of other classes than the target. An iteration costs
/// <c>n h w sum_s k c s^2</c> operations; a fit keeps the codes of its images, <c>8 h w</c> bytes a filter and image.
/// </para>
/// </remarks>
public sealed record ConvolutionalSparseCoding : IFeatureMapping
{
    // How many pieces are drawn for a filter to begin with.
    private const int Tries = 8;

    /// <summary>Describes the images.</summary>
    /// <param name="channels">How many channels an image has, at least 1.</param>
    /// <param name="height">How many rows of pixels it has, at least 1.</param>
    /// <param name="width">How many columns of pixels it has, at least 1.</param>
    /// <param name="sizes">
    /// The sides of the filters of each scale, at least 1 and no longer than the images. Default 5 and 9.
    /// </param>
    /// <exception cref="ArgumentException">A number is not positive, or there is no size.</exception>
    public ConvolutionalSparseCoding(long channels, long height, long width, IReadOnlyList<long>? sizes = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        sizes ??= [5, 9];
        if (sizes.Count == 0 || sizes.Any(size => size < 1))
        {
            throw new ArgumentException(
                $"sizes must hold at least one side, each at least 1; got [{string.Join(", ", sizes)}].",
                nameof(sizes)
            );
        }
        (Channels, Height, Width, Sizes) = (channels, height, width, [.. sizes]);
    }

    /// <summary>How many channels an image has.</summary>
    public long Channels { get; }

    /// <summary>How many rows of pixels an image has.</summary>
    public long Height { get; }

    /// <summary>How many columns of pixels an image has.</summary>
    public long Width { get; }

    /// <summary>The sides of the filters of each scale.</summary>
    public IReadOnlyList<long> Sizes { get; }

    /// <summary>How many filters each scale has, at least 1. Default 16.</summary>
    [OptionRange(AtLeast = 1)]
    public int Filters { get; init; } = 16;

    /// <summary>The price of the codes' sizes, positive. Default 0.2.</summary>
    [OptionRange(Above = 0)]
    public double Sparsity { get; init; } = 0.2;

    /// <summary>How many images the filters are learned from at most, drawn; at least 1. Default 500.</summary>
    [OptionRange(AtLeast = 1)]
    public int Images { get; init; } = 500;

    /// <summary>How many times codes and filters follow each other at most, at least 1. Default 30.</summary>
    [OptionRange(AtLeast = 1)]
    public int MaxRounds { get; init; } = 30;

    /// <summary>
    /// The fit ends after a round in which the objective falls by less than this share of it; positive. Default 0.002.
    /// </summary>
    [OptionRange(Above = 0)]
    public double Tolerance { get; init; } = 0.002;

    /// <summary>
    /// Iterations of FISTA for the codes of an image that is mapped, at least 1; a third of them in each round, from
    /// the last round's codes. Default 60.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int Iterations { get; init; } = 60;

    /// <summary>Steps of the filters in each round, at least 1. Default 5.</summary>
    [OptionRange(AtLeast = 1)]
    public int FilterSteps { get; init; } = 5;

    /// <summary>
    /// How many cells the grid has along each axis, at least 1; no more than a map of codes has numbers there. Default
    /// 4.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int Grid { get; init; } = 4;

    /// <summary>
    /// How many numbers the window of the contrast normalization is long and wide; an even number counts as the next
    /// odd one, and 0 leaves the normalization out. Default 5.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public int ContrastWindow { get; init; } = 5;

    /// <summary>Whose images the filters are learned from. Default the sources'.</summary>
    public ViewedDomains Domains { get; init; } = ViewedDomains.Sources;

    /// <summary>Whether the target's images are among those that the map is fitted to.</summary>
    public bool NeedsTarget => Domains != ViewedDomains.Sources;

    /// <summary>Whether the sparsity is measured in the images' spread. Default: it is.</summary>
    public PenaltyScale PenaltyScale { get; init; }

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan)
    {
        if (Oversized() is { } fault)
        {
            yield return fault;
        }
    }

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        var (rows, weights) = FittedRows.Of(domains, Domains);
        Checked(rows, weights, null);
        return Learned(rows, context, weights, null);
    }

    /// <summary>Learns the filters.</summary>
    /// <param name="inputs">Images <c>[n, channels, height, width]</c>, or rows of as many numbers.</param>
    /// <param name="context">The key of the draws, cancellation and progress; null for none.</param>
    /// <param name="weights">Image weights <c>[n]</c>, relative to their mean, or null.</param>
    /// <param name="start">
    /// Filters to go on from, those of another domain for instance, as many and as large as these; null to begin with
    /// pieces of the images, each the strongest of eight drawn ones.
    /// </param>
    /// <returns>The map of images; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The images, weights or filters to go on from do not fit.</exception>
    public ConvolutionalCodes Fit(
        Tensor inputs,
        FitContext? context = null,
        Tensor? weights = null,
        ConvolutionalCodes? start = null
    )
    {
        Checked(inputs, weights, start);
        context ??= new FitContext();
        using var cancellation = Canceling.By(context.Cancellation);
        using var warnings = RunWarnings.To(message => context.Logger.LogWarning("{Message}", message));
        return Learned(inputs, context, weights, start);
    }

    private ConvolutionalCodes Learned(Tensor inputs, FitContext context, Tensor? weights, ConvolutionalCodes? start)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (images, w) = Drawn(inputs, weights, context.Key.Child(0));
        var mean = (images * w).mean([0L, 2L, 3L]);
        var centered = images - mean.view(1, -1, 1, 1);
        var variance = (centered.square() * w).mean().item<double>();
        var unit = PenaltyScale == PenaltyScale.Relative && variance > 0 ? Math.Sqrt(variance) : 1;
        var x = centered / unit;
        Tensor[] banks = start is null
            ? Pieces(x, context.Key.Child(1))
            : [.. start.Filters.Select(bank => bank.to(x.device, copy: true))];
        var learning = new FilterLearning(x, w, banks, Sparsity, Math.Max(1, Iterations / 3));
        var objectives = new List<double>();
        for (var round = 0; ; round++)
        {
            context.Report((double)round / MaxRounds);
            learning.Code();
            learning.Improve(FilterSteps);
            objectives.Add(learning.Objective());
            if (round > 0 && objectives[^2] - objectives[^1] <= Tolerance * objectives[^2])
            {
                break;
            }
            if (round + 1 == MaxRounds)
            {
                RunWarnings.StepLimit(nameof(ConvolutionalSparseCoding), nameof(MaxRounds), MaxRounds, Tolerance);
                break;
            }
        }
        return new ConvolutionalCodes(banks, mean, unit, objectives, this);
    }

    private void Checked(Tensor inputs, Tensor? weights, ConvolutionalCodes? start)
    {
        Guard.Options(this);
        Guard.Alive(inputs);
        Guard.AliveOrNull(weights);
        if (Oversized() is { } fault)
        {
            throw new ArgumentException(fault, nameof(Sizes));
        }
        var isImages = inputs.dim() == 4 && inputs.shape[1..].SequenceEqual([Channels, Height, Width]);
        var isRows = inputs.dim() == 2 && inputs.shape[1] == Channels * Height * Width;
        if ((!isImages && !isRows) || inputs.shape[0] == 0 || !inputs.is_floating_point())
        {
            throw new ArgumentException(
                $"inputs must be images [n, {Channels}, {Height}, {Width}] of a floating dtype, or rows [n, "
                    + $"{Channels * Height * Width}], at least one; got {Shape.Of(inputs)}.",
                nameof(inputs)
            );
        }
        if (
            start is not null
            && !start
                .Filters.Select(bank => bank.shape)
                .SequenceEqual(Sizes.Select(size => new[] { Filters, Channels, size, size }), Shapes.Instance)
        )
        {
            throw new ArgumentException(
                $"start must have {Filters} filters of {Channels} channel(s) of each of the sides "
                    + $"[{string.Join(", ", Sizes)}]; got {string.Join(", ", start.Filters.Select(Shape.Of))}.",
                nameof(start)
            );
        }
    }

    private string? Oversized() =>
        Sizes.Max() > Math.Min(Height, Width)
            ? $"{nameof(ConvolutionalSparseCoding)}: filters must fit into the images of {Height} x {Width}; got sides "
                + $"[{string.Join(", ", Sizes)}]. Take smaller sizes."
            : null;

    // Images that weigh something, in float64, and their weights [n, 1, 1, 1] of mean 1.
    private (Tensor Images, Tensor Weights) Drawn(Tensor inputs, Tensor? weights, RandomKey key)
    {
        var relative = FittedRows.Weights(inputs, weights);
        var places = relative.gt(0).nonzero().squeeze(1);
        if (places.shape[0] > Images)
        {
            using var generator = key.Generator();
            var order = randperm(places.shape[0], generator: generator).narrow(0, 0, Images);
            places = places.index_select(0, order.to(places.device));
        }
        var w = relative.index_select(0, places);
        var images = inputs.index_select(0, places).to(float64).reshape(-1, Channels, Height, Width);
        return (images, (w / w.mean()).view(-1, 1, 1, 1));
    }

    // Pieces of drawn images at drawn places, each the strongest of some, because most of an image may be empty; with a
    // little noise that parts those that are alike; of length 1.
    private Tensor[] Pieces(Tensor x, RandomKey key)
    {
        using var generator = key.Generator();
        var banks = new Tensor[Sizes.Count];
        for (var s = 0; s < banks.Length; s++)
        {
            var size = Sizes[s];
            long[] Places(long end) => randint(0, end, [Filters * Tries], generator: generator).data<long>().ToArray();
            var (image, top, left) = (Places(x.shape[0]), Places(Height - size + 1), Places(Width - size + 1));
            banks[s] = randn([Filters, Channels, size, size], dtype: float64, generator: generator).to(x.device) * 0.01;
            for (var k = 0; k < Filters; k++)
            {
                Canceling.Check();
                using var scope = NewDisposeScope();
                var pieces = Enumerable
                    .Range(k * Tries, Tries)
                    .Select(i => x[image[i]].narrow(1, top[i], size).narrow(2, left[i], size));
                var drawn = stack([.. pieces]);
                banks[s][k].add_(drawn[drawn.flatten(1).norm(1).argmax()]);
            }
            banks[s] /= banks[s].flatten(1).norm(1).view(-1, 1, 1, 1).clamp_min(1e-12);
        }
        return banks;
    }

    private sealed class Shapes : IEqualityComparer<long[]>
    {
        public static readonly Shapes Instance = new();

        public bool Equals(long[]? x, long[]? y) => x!.SequenceEqual(y!);

        public int GetHashCode(long[] obj) => obj.Length;
    }
}
