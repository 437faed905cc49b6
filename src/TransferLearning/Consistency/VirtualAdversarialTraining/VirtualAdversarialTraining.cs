using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>
/// VAT: predictions of target rows must survive the small change of the rows that would change them most.
/// </summary>
/// <remarks>
/// <para>
/// <c>1/n sum_i KL(softmax(z(x_i)) || softmax(z(x_i + r_i)))</c>, the first prediction and r constants.
/// <c>r = epsilon g / ||g||</c> where g is the gradient of that divergence at <c>r = xi d</c>, d of length 1, random at
/// first and <c>g / ||g||</c> after each further iteration: power iterations for the first eigenvector of the
/// divergence's Hessian (Miyato, Maeda, Koyama and Ishii 2018, "Virtual Adversarial Training", algorithm 1). Lengths
/// are of whole rows.
/// </para>
/// <para>
/// The network is in evaluation mode meanwhile, so that dropout does not pass for a change and batch statistics stay as
/// they are. With <see cref="OnSources"/> it is a term of the sources' rows, as VADA has it beside the target's: they
/// weigh by their example weights, and the sources' means are averaged.
/// </para>
/// </remarks>
public sealed record VirtualAdversarialTraining : IObjective
{
    /// <summary>The length epsilon of the change, positive, in the inputs' units. Default 1.</summary>
    [OptionRange(Above = 0)]
    public double Epsilon { get; init; } = 1;

    /// <summary>
    /// The length xi at which the gradient is taken, positive; small beside epsilon, large beside rounding. Default
    /// 0.001.
    /// </summary>
    [OptionRange(Above = 0)]
    public double Xi { get; init; } = 1e-3;

    /// <summary>How many power iterations, at least 1. Default 1, the paper's.</summary>
    [OptionRange(AtLeast = 1)]
    public int Iterations { get; init; } = 1;

    /// <summary>Whether the rows are the sources' and not the target's. Default false.</summary>
    public bool OnSources { get; init; }

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        using var mode = EvaluationMode.Of(step.Extractor, step.Predictor);
        var losses = OnSources
            ? step.Sources.Select(source => Evaluate(step, source, source.Weights))
            : [Evaluate(step, step.Target, null)];
        return stack([.. losses]).mean().MoveToOuterDisposeScope();
    }

    /// <summary>The change of some rows that changes their predictions most.</summary>
    /// <param name="scores">The network, rows to logits <c>[n, C]</c>.</param>
    /// <param name="inputs">Rows <c>[n, ...]</c>.</param>
    /// <param name="noise">Where the iterations start, of the rows' shape.</param>
    /// <param name="xi">The length at which the gradient is taken.</param>
    /// <param name="epsilon">The length of the change.</param>
    /// <param name="iterations">How many power iterations.</param>
    /// <returns>
    /// The change, of the rows' shape, each row of length epsilon, a constant; the caller disposes it.
    /// </returns>
    public static Tensor Perturbation(
        Func<Tensor, Tensor> scores,
        Tensor inputs,
        Tensor noise,
        double xi = 1e-3,
        double epsilon = 1,
        int iterations = 1
    )
    {
        Guard.Alive(inputs);
        Guard.Alive(noise);
        ArgumentNullException.ThrowIfNull(scores);
        Guard.Positive(xi);
        Guard.Positive(epsilon);
        ArgumentOutOfRangeException.ThrowIfLessThan(iterations, 1);
        if (!noise.shape.SequenceEqual(inputs.shape))
        {
            throw new ArgumentException(
                $"noise must have the shape of inputs {Shape.Of(inputs)}; got {Shape.Of(noise)}.",
                nameof(noise)
            );
        }
        using var scope = NewDisposeScope();
        using var recording = enable_grad();
        var rows = inputs.detach();
        var wanted = Logs(scores(rows)).detach();
        var direction = Unit(noise.detach());
        for (var i = 0; i < iterations; i++)
        {
            var change = (direction * xi).detach().requires_grad_();
            var divergence = Divergences(wanted, Logs(scores(rows + change))).mean();
            direction = Unit(autograd.grad([divergence], [change])[0].detach());
        }
        return (direction * epsilon).MoveToOuterDisposeScope();
    }

    /// <summary>The divergence of predictions before and after a change.</summary>
    /// <param name="scores">The network, rows to logits <c>[n, C]</c>.</param>
    /// <param name="inputs">Rows <c>[n, ...]</c>.</param>
    /// <param name="perturbation">The change, of the rows' shape.</param>
    /// <param name="weights">Row weights <c>[n]</c>, or null. The mean is over rows, not over weights.</param>
    /// <returns>
    /// A scalar, differentiable in the network's parameters by the changed rows; the caller disposes it.
    /// </returns>
    public static Tensor Of(Func<Tensor, Tensor> scores, Tensor inputs, Tensor perturbation, Tensor? weights = null)
    {
        Guard.AliveOrNull(weights);
        Guard.Alive(inputs);
        Guard.Alive(perturbation);
        ArgumentNullException.ThrowIfNull(scores);
        using var scope = NewDisposeScope();
        Tensor wanted;
        using (no_grad())
        {
            wanted = Logs(scores(inputs));
        }
        var rows = Divergences(wanted, Logs(scores(inputs + perturbation.detach())));
        return (weights is null ? rows : rows * weights.detach().to(rows.dtype)).mean().MoveToOuterDisposeScope();
    }

    private Tensor Evaluate(StepContext step, IBatch batch, Tensor? weights)
    {
        var inputs = batch.Inputs;
        using var generator = step.NextKey().Generator();
        var noise = randn(inputs.shape, dtype: inputs.dtype, generator: generator).to(inputs.device);
        var extractor = step.Extractor.For(batch.Domain);
        Tensor Scores(Tensor rows) => step.Predictor.Predict(extractor.Extract(rows));
        var change = Perturbation(Scores, inputs, noise, Xi, Epsilon, Iterations);
        return Of(Scores, inputs, change, weights);
    }

    private static Tensor Logs(Tensor scores)
    {
        Guard.Rows(scores);
        return scores.log_softmax(1);
    }

    private static Tensor Divergences(Tensor wanted, Tensor logs) => (wanted.exp() * (wanted - logs)).sum(1);

    private static Tensor Unit(Tensor rows)
    {
        var flat = rows.reshape(rows.shape[0], -1);
        return (flat / flat.norm(1, keepdim: true).clamp_min(1e-12)).reshape(rows.shape);
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
