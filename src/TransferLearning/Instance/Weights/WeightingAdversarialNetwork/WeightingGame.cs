using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// The game of adversarial weighting: the task network and the weights against the network that measures the
/// discrepancy.
/// </summary>
internal sealed class WeightingGame : IDisposable
{
    private readonly BoundedNetwork task;
    private readonly BoundedNetwork weights;
    private readonly BoundedNetwork opponent;
    private readonly optim.Optimizer minimizer;
    private readonly optim.Optimizer maximizer;

    public WeightingGame(BoundedNetwork task, BoundedNetwork weights, BoundedNetwork opponent, double learningRate)
    {
        (this.task, this.weights, this.opponent) = (task, weights, opponent);
        minimizer = optim.Adam(task.Parameters.Concat(weights.Parameters), learningRate);
        maximizer = optim.Adam(opponent.Parameters, learningRate, maximize: true);
    }

    /// <summary>The bound on task network and opponent.</summary>
    public required double Bound { get; init; }

    /// <summary>How much the task network hears of the target rows.</summary>
    public required double TargetWeight { get; init; }

    /// <summary>The bound on the weights' network.</summary>
    public required double WeightBound { get; init; }

    /// <summary>The weights <c>[n]</c> of rows by a network's answers.</summary>
    public static Tensor Weigh(BoundedNetwork network, Tensor rows) => network.Answer(rows).squeeze(1).abs();

    /// <summary>What task network and weights minimize and the opponent maximizes.</summary>
    public Tensor Objective(GameRows source, GameRows target)
    {
        using var scope = NewDisposeScope();
        var weighed = Weigh(weights, source.Inputs);
        var learning = (weighed * Errors(task, source)).mean() + (Errors(task, target).mean() * TargetWeight);
        var gap = Errors(opponent, target).mean() - (weighed * Errors(opponent, source)).mean();
        return (learning + gap).MoveToOuterDisposeScope();
    }

    /// <summary>One step of all three, then the bounds.</summary>
    public void Step(GameRows source, GameRows target)
    {
        using var scope = NewDisposeScope();
        minimizer.zero_grad();
        maximizer.zero_grad();
        Objective(source, target).backward();
        minimizer.step();
        maximizer.step();
        task.Project(Bound);
        opponent.Project(Bound);
        weights.Project(WeightBound);
    }

    public void Dispose()
    {
        minimizer.Dispose();
        maximizer.Dispose();
    }

    // Squared errors [n], the mean over a row's values, times the rows' own weights.
    private static Tensor Errors(BoundedNetwork network, GameRows data)
    {
        var errors = (network.Answer(data.Inputs) - data.Values).square().mean([1L]);
        return data.Weights is null ? errors : errors * data.Weights;
    }
}
