using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.SelfSupervision;

/// <summary>
/// The turns of <see cref="ConvolutionalSparseCoding"/>: codes by the filters, filters by the codes. What it keeps lies
/// in the scope that it was made in; no turn lets the objective grow.
/// </summary>
internal sealed class FilterLearning
{
    // What sums of a million squares may be off.
    private const double Rounding = 1e-12;

    private readonly Tensor images;
    private readonly Tensor weights;
    private readonly Tensor[] banks;
    private readonly Tensor[] codes;
    private readonly double sparsity;
    private readonly long iterations;
    private readonly List<(long Start, long Count)> blocks;

    // The filters' curvature, as a multiple of how much each is used.
    private double steepness = 1;

    /// <param name="images">Images <c>[n, c, h, w]</c>.</param>
    /// <param name="weights">Their weights <c>[n, 1, 1, 1]</c> of mean 1.</param>
    /// <param name="banks">The filters, which change in place.</param>
    /// <param name="sparsity">The price of the codes' sizes.</param>
    /// <param name="iterations">Iterations of FISTA in a turn of the codes.</param>
    public FilterLearning(Tensor images, Tensor weights, Tensor[] banks, double sparsity, long iterations)
    {
        (this.images, this.weights, this.banks) = (images, weights, banks);
        (this.sparsity, this.iterations) = (sparsity, iterations);
        var (n, height, width) = (images.shape[0], images.shape[2], images.shape[3]);
        codes =
        [
            .. banks.Select(bank =>
                zeros([n, bank.shape[0], height - bank.shape[2] + 1, width - bank.shape[2] + 1], float64, images.device)
            ),
        ];
        blocks = [.. RowBlocks.Of(n, banks.Sum(bank => bank.shape[0]) * height * width)];
    }

    /// <summary>The mean over the images of the weighed objective.</summary>
    public double Objective()
    {
        using var scope = NewDisposeScope();
        var sum = zeros([], float64, images.device);
        foreach (var block in blocks)
        {
            Canceling.Check();
            using var part = NewDisposeScope();
            var each = FilterBanks.Objective(Of(images, block), Of(codes, block), banks, sparsity);
            sum.add_((each * Of(weights, block).view(-1)).sum());
        }
        return (sum / images.shape[0]).item<double>();
    }

    /// <summary>Better codes of each image, or those that it has.</summary>
    public void Code()
    {
        using var scope = NewDisposeScope();
        var curvature = FilterBanks.Curvature(banks, images.shape[2], images.shape[3]);
        foreach (var block in blocks)
        {
            Canceling.Check();
            using var part = NewDisposeScope();
            var (x, before) = (Of(images, block), Of(codes, block));
            var after = FilterBanks.Coded(x, banks, sparsity, curvature, iterations, before);
            var isBetter = FilterBanks
                .Objective(x, after, banks, sparsity)
                .le(FilterBanks.Objective(x, before, banks, sparsity))
                .view(-1, 1, 1, 1);
            for (var s = 0; s < banks.Length; s++)
            {
                Canceling.Check();
                before[s].copy_(where(isBetter, after[s], before[s]));
            }
        }
    }

    /// <summary>
    /// Steps of the filters along the slope, each by its use, the sum of its squared codes; back to length 1 where they
    /// are longer.
    /// </summary>
    public void Improve(int steps)
    {
        using var scope = NewDisposeScope();
        Tensor[] uses = [.. codes.Select(map => ((map.square() * weights).sum([0L, 2L, 3L]) / images.shape[0]))];
        var rest = Rest();
        for (var step = 0; step < steps; step++)
        {
            using var turn = NewDisposeScope();
            var slopes = Slopes(rest);
            var error = Error(rest);
            for (var tries = 0; tries < 60; tries++)
            {
                Canceling.Check();
                using var attempt = NewDisposeScope();
                var (moves, bound) = Moves(slopes, uses);
                var next = rest + Laid(moves);
                if (Error(next) <= (error * (1 + Rounding)) + bound)
                {
                    for (var s = 0; s < banks.Length; s++)
                    {
                        Canceling.Check();
                        banks[s].add_(moves[s]);
                    }
                    rest.copy_(next);
                    steepness = Math.Max(0.9 * steepness, 1e-3);
                    break;
                }
                steepness *= 1.5;
            }
        }
    }

    // Moves of the filters, and how much the error falls by them at least where the steepness is enough.
    private (Tensor[] Moves, double Bound) Moves(Tensor[] slopes, Tensor[] uses)
    {
        var moves = new Tensor[banks.Length];
        var bound = 0.0;
        for (var s = 0; s < banks.Length; s++)
        {
            Canceling.Check();
            var curvature = (uses[s] * steepness).view(-1, 1, 1, 1);
            // A filter that no image uses stays.
            var ahead = banks[s] - (slopes[s] / curvature.clamp_min(1e-12) * curvature.gt(1e-12));
            ahead /= ahead.flatten(1).norm(1).clamp_min(1).view(-1, 1, 1, 1);
            moves[s] = ahead - banks[s];
            bound += ((moves[s] * slopes[s]) + (moves[s].square() * curvature / 2)).sum().item<double>();
        }
        return (moves, bound);
    }

    // What the codes rebuild less the images.
    private Tensor Rest() => Laid(banks) - images;

    private Tensor Laid(Tensor[] filters)
    {
        var laid = empty_like(images);
        foreach (var block in blocks)
        {
            Canceling.Check();
            using var part = NewDisposeScope();
            Of(laid, block).copy_(FilterBanks.Rebuilt(Of(codes, block), filters));
        }
        return laid;
    }

    private double Error(Tensor rest) => ((rest.square() * weights).sum() / (2 * images.shape[0])).item<double>();

    // The error's slopes by the filters: the rest and the codes against each other at every shift.
    private Tensor[] Slopes(Tensor rest)
    {
        Tensor[] slopes = [.. banks.Select(bank => zeros_like(bank))];
        foreach (var block in blocks)
        {
            Canceling.Check();
            using var part = NewDisposeScope();
            var weighed = (Of(rest, block) * Of(weights, block) / images.shape[0]).transpose(0, 1);
            for (var s = 0; s < banks.Length; s++)
            {
                Canceling.Check();
                var maps = Of(codes[s], block).transpose(0, 1);
                slopes[s].add_(nn.functional.conv2d(weighed, maps).transpose(0, 1));
            }
        }
        return slopes;
    }

    private static Tensor Of(Tensor all, (long Start, long Count) block) => all.narrow(0, block.Start, block.Count);

    private static Tensor[] Of(Tensor[] all, (long Start, long Count) block) => [.. all.Select(one => Of(one, block))];
}
