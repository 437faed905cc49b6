using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// The few-shot baseline: a head is fitted on the labeled rows of each episode, on features of a network that was
/// trained as usual.
/// </summary>
/// <remarks>
/// <para>
/// <c>z = W x + b</c> ("Baseline"), or with <see cref="IsCosine"/> ("Baseline++")
/// <c>z_k = s g_k cos(x, w_k)</c>, g a learned length for each class and s = 2 up to 200 classes, 10 beyond; softmax
/// cross-entropy on the labeled rows, minimized by stochastic gradients (Chen, Liu, Kira, Wang and Huang 2019, "A
/// Closer Look at Few-shot Classification"). Defaults are those of the authors' program: 100 passes in batches of 4, a
/// rate of 0.01, momentum and dampening of 0.9, a weight decay of 0.001. The head starts as a new layer does.
/// </para>
/// <para>
/// Nothing of it is learned over episodes, and labeled rows are constants to it: scores are differentiable in the rows
/// to read alone. In a training it teaches the features to lie where such a head reads them.
/// </para>
/// </remarks>
public sealed record FineTunedHead : IFewShotRule
{
    private const double Momentum = 0.9;

    /// <summary>Whether rows are read by cosines, Baseline++. Default false: by a linear layer, Baseline.</summary>
    public bool IsCosine { get; init; }

    /// <summary>How often the labeled rows are passed, at least 1. Default 100.</summary>
    [OptionRange(AtLeast = 1)]
    public int Passes { get; init; } = 100;

    /// <summary>How many labeled rows make a step, at least 1. Default 4.</summary>
    [OptionRange(AtLeast = 1)]
    public int BatchSize { get; init; } = 4;

    /// <summary>The learning rate, positive. Default 0.01.</summary>
    [OptionRange(Above = 0)]
    public double Rate { get; init; } = 0.01;

    /// <summary>The weight decay, not negative. Default 0.001.</summary>
    [OptionRange(AtLeast = 0)]
    public double WeightDecay { get; init; } = 0.001;

    /// <summary>The key of the head's first values and of the batches. Default seed 0.</summary>
    public RandomKey Key { get; init; }

    /// <inheritdoc />
    public Tensor Score(Tensor support, Tensor labels, Tensor queries, int ways)
    {
        Guard.Pair(support, queries);
        Guard.Alive(labels);
        Guard.Options(this);
        ArgumentOutOfRangeException.ThrowIfLessThan(ways, 1);
        if (labels.dim() != 1 || labels.shape[0] != support.shape[0] || labels.dtype != ScalarType.Int64)
        {
            throw new ArgumentException(
                $"labels must be classes, int64 [{support.shape[0]}]; got {Shape.Of(labels)}.",
                nameof(labels)
            );
        }
        using var scope = NewDisposeScope();
        var (weight, shift) = Fitted(support.detach().to(float64), labels, ways);
        var rows = queries.to(float64);
        return (Seen(rows).matmul(weight.t()) + shift).to(queries.dtype).MoveToOuterDisposeScope();
    }

    // The rows as the head sees them. Opens no scope.
    private Tensor Seen(Tensor rows) => IsCosine ? rows / (rows.norm(1, keepdim: true) + 1e-5) : rows;

    private static double Scale(int ways) => ways <= 200 ? 2 : 10;

    // The head's weights [ways, d] and shifts [ways], 0 for cosines. Opens no scope.
    private (Tensor Weight, Tensor Shift) Fitted(Tensor support, Tensor labels, int ways)
    {
        using var quiet = no_grad();
        var (rows, wanted) = (Seen(support), nn.functional.one_hot(labels, ways).to(float64));
        var (n, d) = ((int)rows.shape[0], rows.shape[1]);
        using var generator = Key.Child(0).Generator();
        Tensor Drawn(params long[] shape) =>
            (((rand(shape, dtype: float64, generator: generator) * 2) - 1) / Math.Sqrt(d)).to(rows.device);
        var weight = Drawn(ways, d);
        // Beside the directions their lengths, or beside the weights the shifts.
        var beside = IsCosine ? weight.norm(1) : Drawn(ways);
        var (speed, speedBeside) = (zeros_like(weight), zeros_like(beside));
        var order = Enumerable.Range(0, n).Select(row => (long)row).ToArray();
        var random = Key.Child(1).Random();
        var isFirst = true;
        for (var pass = 0; pass < Passes; pass++)
        {
            random.Shuffle(order);
            for (var start = 0; start < n; start += BatchSize)
            {
                Canceling.Check();
                using var step = NewDisposeScope();
                var places = tensor(order[start..Math.Min(n, start + BatchSize)], device: rows.device);
                var (x, y) = (rows.index_select(0, places), wanted.index_select(0, places));
                var (slope, slopeBeside) = Slopes(x, y, weight, beside);
                // PyTorch's momentum starts with the first gradient itself, and dampens those after it.
                var share = isFirst ? 1 : 1 - Momentum;
                isFirst = false;
                speed.mul_(Momentum).add_((slope + (weight * WeightDecay)) * share);
                speedBeside.mul_(Momentum).add_((slopeBeside + (beside * WeightDecay)) * share);
                weight.sub_(speed * Rate);
                beside.sub_(speedBeside * Rate);
            }
        }
        return IsCosine ? (Scaled(weight, beside) * Scale(ways), zeros_like(beside)) : (weight, beside);
    }

    // Weights of the directions and lengths that were learned. Opens no scope.
    private static Tensor Scaled(Tensor directions, Tensor lengths) =>
        directions * (lengths / directions.norm(1)).unsqueeze(1);

    // The gradient of the mean cross-entropy. Opens no scope.
    private (Tensor OfWeight, Tensor Beside) Slopes(Tensor x, Tensor y, Tensor weight, Tensor beside)
    {
        var ways = (int)weight.shape[0];
        var scores = IsCosine ? x.matmul(Scaled(weight, beside).t()) * Scale(ways) : x.matmul(weight.t()) + beside;
        var error = (scores.softmax(1) - y) / x.shape[0];
        if (!IsCosine)
        {
            return (error.t().matmul(x), error.sum(dim: 0));
        }
        var along = error.t().matmul(x) * Scale(ways); // by the scaled weights
        var lengths = weight.norm(1).unsqueeze(1);
        var unit = weight / lengths;
        var ofLength = (along * unit).sum(1);
        return ((along - (unit * ofLength.unsqueeze(1))) * beside.unsqueeze(1) / lengths, ofLength);
    }
}
