using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// One source's plan <c>exp(scores + f + g)</c> in <see cref="JointClassProportionOptimalTransport"/>, by its log
/// scalings f of rows and g of columns. It lives as long as the scope that it is made in.
/// </summary>
internal sealed class ProportionPlan
{
    private readonly Tensor scores;
    private readonly Tensor members; // log one-hot classes [n, classes]
    private readonly Tensor labels;
    private readonly Tensor logShares; // of a row in its class
    private readonly Tensor rows;
    private readonly Tensor columns;
    private readonly Tensor sums; // log row sums without f

    private ProportionPlan(Tensor scores, LabeledDomain source)
    {
        this.scores = scores;
        labels = source.Labels;
        var classes = nn.functional.one_hot(labels, source.Space.Width).to(float64);
        members = classes.log();
        var weights = source.Weights is { } given ? given.to(float64) : ones(source.Count, float64, labels.device);
        var totals = classes.t().mv(weights);
        logShares = (weights / totals.index_select(0, labels).clamp_min(1e-300)).log();
        IsPresent = totals.gt(0);
        // Rows of weight 0 hold nothing, the others start alike.
        rows = where(weights > 0, zeros_like(weights), full_like(weights, double.NegativeInfinity));
        columns = zeros(scores.shape[1], float64, labels.device);
        sums = zeros_like(weights);
    }

    /// <summary>Which classes have rows.</summary>
    private Tensor IsPresent { get; }

    /// <summary>The plans before the first round.</summary>
    public static List<ProportionPlan> Of(
        IReadOnlyList<LabeledDomain> sources,
        Tensor target,
        double regularization,
        bool normalizes
    )
    {
        var costs = sources
            .Select(source => SquaredDistances.Between(source.Inputs.to(float64), target.to(float64)))
            .ToList();
        var unit = normalizes ? Math.Max(costs.Max(cost => cost.max().item<double>()), 1e-300) : 1;
        var plans = sources
            .Select((source, k) => new ProportionPlan(costs[k].mul_(-1 / (unit * regularization)), source))
            .ToList();
        for (var k = 1; k < plans.Count; k++)
        {
            if (!plans[k].IsPresent.equal(plans[0].IsPresent).all().item<bool>())
            {
                throw new ArgumentException(
                    "every source must have rows of the same classes, or the proportions of those that one lacks "
                        + $"have no common estimate; sources 0 and {k} differ: "
                        + $"{Classes(plans[0])} and {Classes(plans[k])}. Leave out such sources, or the rows of "
                        + "such classes.",
                    nameof(sources)
                );
            }
        }
        return plans;
    }

    /// <summary>Scales the columns to 1/m each; what they missed before, summed.</summary>
    public double ScaleToTarget()
    {
        using var scope = NewDisposeScope();
        var m = scores.shape[1];
        var scaled = -Math.Log(m) - (scores + rows.unsqueeze(1)).logsumexp(0);
        var missed = ((columns - scaled).exp() - 1).abs().mean().item<double>();
        columns.copy_(scaled);
        sums.copy_((scores + columns).logsumexp(1));
        return missed;
    }

    /// <summary>The log mass of each class's rows, minus infinity without any.</summary>
    public Tensor LogClassMasses() => (members + (rows + sums).unsqueeze(1)).logsumexp(0);

    /// <summary>Scales the rows to their shares of their classes' proportions.</summary>
    public void ScaleToSource(Tensor logProportions)
    {
        using var scope = NewDisposeScope();
        rows.copy_(logShares + logProportions.index_select(0, labels) - sums);
    }

    /// <summary>The mass of each class that comes to each target row, <c>[m, classes]</c>.</summary>
    public Tensor Received() => (scores + rows.unsqueeze(1) + columns).exp().t().matmul(members.exp());

    private static string Classes(ProportionPlan plan) =>
        Shape.Text(plan.IsPresent.nonzero().reshape(-1).cpu().data<long>().ToArray());
}
