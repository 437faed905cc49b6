using TorchSharp.Modules;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// EWC: parameters are held near their values after an earlier task, those that mattered to it more than others.
/// </summary>
/// <remarks>
/// <para>
/// <c>Strength/2 sum_i F_i (w_i - w0_i)^2</c> with the diagonal of the Fisher information on the earlier task's rows,
/// <c>F_i = 1/n sum_x (d log p(y|x) / d w_i)^2</c> at w0 for a class y that is drawn from the network's own prediction,
/// row by row (Kirkpatrick et al. 2017, "Overcoming Catastrophic Forgetting in Neural Networks", equation 3). Several
/// earlier tasks give several terms. Example weights weigh the mean of F.
/// </para>
/// <para>w0 and F are computed when the object is made, and are saved in checkpoints.</para>
/// </remarks>
public sealed class ElasticWeightConsolidation : IObjective, ITrainingHook, IDisposable
{
    private readonly ITrainable part;
    private Tensor[] anchors;
    private Tensor[] importance;

    /// <summary>Looks at what an earlier task needs.</summary>
    /// <param name="part">The part to hold: the extractor that the earlier task was learned with.</param>
    /// <param name="predictor">The earlier task's head over it; it stays as it is.</param>
    /// <param name="earlier">Rows of the earlier task; their labels are not used.</param>
    /// <param name="rows">
    /// How many rows are looked at, drawn among those with a weight above 0, at least 1; each takes a backward pass.
    /// Default 200.
    /// </param>
    /// <param name="key">The key of the draws; null for seed 0.</param>
    /// <param name="cancellation">Stops between two rows.</param>
    public ElasticWeightConsolidation(
        ModulePart part,
        ILabelPredictor predictor,
        LabeledDomain earlier,
        int rows = 200,
        RandomKey? key = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(part);
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(earlier);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        this.part = part;
        anchors = [.. part.Module.parameters().Select(it => it.detach().clone().DetachFromDisposeScope())];
        try
        {
            importance = Fisher(part, predictor, earlier, rows, key ?? new RandomKey(0), cancellation);
        }
        catch
        {
            importance = [];
            Dispose();
            throw;
        }
    }

    /// <summary>
    /// The strength, not negative. Default 1; the authors choose it for each sequence of tasks, in the hundreds.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double Strength { get; init; } = 1;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [part];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        return Of([.. part.Module.parameters()], anchors, importance) * Strength;
    }

    /// <summary><c>1/2 sum_i F_i (w_i - w0_i)^2</c>.</summary>
    /// <param name="parameters">The parameters w.</param>
    /// <param name="anchors">Their values w0, in the same order.</param>
    /// <param name="importance">Their importance F, likewise.</param>
    /// <returns>A scalar, differentiable in the parameters; the caller disposes it.</returns>
    public static Tensor Of(
        IReadOnlyList<Tensor> parameters,
        IReadOnlyList<Tensor> anchors,
        IReadOnlyList<Tensor> importance
    )
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(anchors);
        ArgumentNullException.ThrowIfNull(importance);
        if (anchors.Count != parameters.Count || importance.Count != parameters.Count)
        {
            throw new ArgumentException(
                $"anchors and importance must have an entry for each of the {parameters.Count} "
                    + $"parameters; got {anchors.Count} and {importance.Count}.",
                nameof(anchors)
            );
        }
        using var scope = NewDisposeScope();
        var terms = parameters.Select(
            (parameter, i) =>
                ((parameter - anchors[i].to(parameter.device)).square() * importance[i].to(parameter.device)).sum()
        );
        return (stack([.. terms]).sum() / 2).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        for (var i = 0; i < anchors.Length; i++)
        {
            state.Tensor($"anchor{i}", anchors[i]);
            state.Tensor($"importance{i}", importance[i]);
        }
    }

    /// <summary>Disposes the values and their importance.</summary>
    public void Dispose()
    {
        foreach (var tensor in anchors.Concat(importance))
        {
            tensor.Dispose();
        }
        (anchors, importance) = ([], []);
    }

    private static Tensor[] Fisher(
        ModulePart part,
        ILabelPredictor predictor,
        LabeledDomain earlier,
        int rows,
        RandomKey key,
        CancellationToken cancellation
    )
    {
        using var scope = NewDisposeScope();
        using var recording = new Recording();
        using var mode = EvaluationMode.Of(part, predictor);
        var parameters = part.Module.parameters().ToList();
        var demands = parameters.Select(it => it.requires_grad).ToList();
        var sums = parameters.Select(it => zeros_like(it.detach())).ToArray();
        var random = key.Random();
        var weights = RelativeWeights.Of(earlier).cpu().data<double>().ToArray();
        var which = Enumerable.Range(0, (int)earlier.Count).Where(row => weights[row] > 0).ToArray();
        random.Shuffle(which);
        var seen = which[..Math.Min(rows, which.Length)];
        var total = seen.Sum(row => weights[row]);
        try
        {
            parameters.ForEach(it => it.requires_grad = true);
            foreach (var row in seen)
            {
                cancellation.ThrowIfCancellationRequested();
                using var inner = NewDisposeScope();
                var input = Data.BatchedPass.Read(earlier.Rows, row, 1).to(parameters[0].device);
                // The logarithm of a probability that has become 0 would make every slope NaN.
                var probabilities = Probabilities.Of(predictor.Predict(part.Extract(input)), predictor.ScoreKind);
                var logs = probabilities.clamp_min(1e-30).log();
                var chosen = Chosen(
                    logs.exp().detach().to(float64).cpu().data<double>().ToArray(),
                    random.NextDouble()
                );
                var slopes = autograd.grad([logs[0, chosen]], [.. parameters], allow_unused: true);
                using var quiet = no_grad();
                for (var i = 0; i < sums.Length; i++)
                {
                    if (slopes[i] is { IsInvalid: false } slope)
                    {
                        sums[i].add_(slope.square() * (weights[row] / total));
                    }
                }
            }
        }
        finally
        {
            for (var i = 0; i < parameters.Count; i++)
            {
                parameters[i].requires_grad = demands[i];
            }
        }
        return [.. sums.Select(sum => sum.DetachFromDisposeScope())];
    }

    private static int Chosen(double[] probabilities, double draw)
    {
        for (var c = 0; c < probabilities.Length - 1; c++)
        {
            draw -= probabilities[c];
            if (draw < 0)
            {
                return c;
            }
        }
        return probabilities.Length - 1;
    }
}
