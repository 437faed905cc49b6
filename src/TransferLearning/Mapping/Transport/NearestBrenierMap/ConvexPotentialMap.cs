using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// The slope of a smooth, strongly convex function that is known at some rows: the map of
/// <see cref="NearestBrenierMap"/>.
/// </summary>
/// <remarks>
/// With values f_j and slopes h_j of the function's convex part at the known rows x_j, a new x has the part <c>max_(w
/// in the simplex) sum_j w_j (f_j + h_j (x - x_j) + ||h_j||^2 / (2 k)) - ||sum_j w_j h_j||^2 / (2 k)</c>, the least
/// that they allow, and goes to its slope <c>sum_j w_j h_j</c> and l x. Solved by accelerated projected gradients, from
/// the nearest known row. A new row belongs to the group of its nearest known one.
/// </remarks>
[SavedPart("convex-potential-map")]
public sealed class ConvexPotentialMap : IFeatureExtractor, ISavedPart, IDisposable
{
    private const int MaxSteps = 1000;

    private Tensor? rows;
    private Tensor? values;
    private Tensor? slopes;
    private Tensor? groups;
    private double least;
    private double slack;

    private ConvexPotentialMap() { }

    internal ConvexPotentialMap(Tensor rows, Tensor values, Tensor slopes, Tensor groups, double least, double slack)
    {
        (this.least, this.slack) = (least, slack);
        this.rows = rows.detach().clone().DetachFromDisposeScope();
        this.values = values.clone().DetachFromDisposeScope();
        this.slopes = slopes.clone().DetachFromDisposeScope();
        this.groups = groups.clone().DetachFromDisposeScope();
    }

    /// <inheritdoc />
    public Tensor Extract(Tensor inputs)
    {
        Guard.Alive(this, rows);
        Guard.Pair(inputs, rows!, 0);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var images = zeros_like(inputs);
        var (present, _, _) = groups!.unique();
        var known = present
            .cpu()
            .data<long>()
            .ToArray()
            .Select(group => groups.eq(group).nonzero().squeeze(1))
            .ToList();
        foreach (var (start, count) in RowBlocks.Of(inputs.shape[0], 6 * rows!.shape[0]))
        {
            Canceling.Check();
            using var partScope = NewDisposeScope();
            var some = inputs.narrow(0, start, count);
            var nearest = SquaredDistances.Between(some, rows).argmin(1);
            foreach (var members in known)
            {
                var here = groups.index_select(0, nearest).eq(groups[members[0]]).nonzero().squeeze(1);
                if (here.shape[0] > 0)
                {
                    var moved = Slopes(some.index_select(0, here).to(float64), members);
                    images.index_copy_(0, here + start, moved.to(inputs.dtype));
                }
            }
        }
        return images.MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("rows", ref rows);
        state.Slot("values", ref values);
        state.Slot("slopes", ref slopes);
        state.Slot("groups", ref groups);
        state.Number("least", ref least);
        state.Number("slack", ref slack);
    }

    /// <summary>Disposes the kept tensors.</summary>
    public void Dispose()
    {
        rows?.Dispose();
        values?.Dispose();
        slopes?.Dispose();
        groups?.Dispose();
    }

    private Tensor Slopes(Tensor inputs, Tensor members)
    {
        using var scope = NewDisposeScope();
        var x = rows!.index_select(0, members).to(float64);
        var h = slopes!.index_select(0, members);
        // The program knows differences of rows and of slopes alone; about their means it is well scaled.
        var (center, middle) = (x.mean([0L]), h.mean([0L]));
        var (at, tilts) = (inputs - center, h - middle);
        var heights =
            (values!.index_select(0, members) - (h * (x - center)).sum(1))
            + (tilts.square().sum(1) * (1 / (2 * slack)));
        var gains = at.matmul(h.t()) + heights;
        var alike = tilts.matmul(tilts.t()) * (1 / slack);
        var length = 1 / Math.Max(linalg.eigvalsh(alike).max().item<double>(), 1e-300);
        var nearest = SquaredDistances.Between(inputs, x).argmin(1);
        var weights = nn.functional.one_hot(nearest, x.shape[0]).to(float64);
        var ahead = weights.clone();
        var scale = Math.Max(alike.diagonal().max().item<double>(), 1e-300);
        for (var step = 0; step < MaxSteps; step++)
        {
            Canceling.Check();
            using var stepScope = NewDisposeScope();
            var pull = gains - ahead.matmul(alike);
            var next = SimplexProjection.Of(ahead + (pull * length), 1);
            var move = next - weights;
            // Restarted where the momentum goes against the pull (O'Donoghue and Candès 2015).
            var helps = (pull * move).sum(1, keepdim: true).ge(0).to(float64);
            ahead.copy_(next + ((move * helps) * (step / (step + 3.0))));
            weights.copy_(next);
            if (step % 10 == 9 && Gap(weights, gains, alike) <= 1e-12 * scale)
            {
                break;
            }
        }
        return (weights.matmul(tilts) + middle + (inputs * least)).MoveToOuterDisposeScope();
    }

    // How far the program's value may still rise, over all rows.
    private static double Gap(Tensor weights, Tensor gains, Tensor alike)
    {
        using var scope = NewDisposeScope();
        var pull = gains - weights.matmul(alike);
        return (pull.amax([1L]) - (pull * weights).sum(1)).max().item<double>();
    }
}
