using TorchSharp.Modules;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.SelfTraining;

/// <summary>
/// MEMO: a fitted model adapts to each single row before it predicts it, so that it reads augmented copies of the row
/// alike and surely; then it forgets the row.
/// </summary>
/// <remarks>
/// All parameters take a step down the entropy of the mean prediction for K views of the row, <c>-sum_c q_c log q_c</c>
/// with <c>q = 1/K sum_k softmax(z_k)</c>; the row is predicted, and the parameters become what they were (Zhang,
/// Levine and Finn 2022, "MEMO: Test Time Robustness via Adaptation and Augmentation"). No other row, no source and no
/// label is needed. Modules stay in evaluation mode. Costs K passes with gradients a row. For one thread at a time,
/// while nobody else predicts by the model.
/// </remarks>
public sealed class MarginalEntropy
{
    private readonly AdaptedModel model;
    private readonly IAugmentation view;
    private readonly int views;
    private readonly int steps;
    private readonly OptimizerFactory factory;
    private readonly List<nn.Module> networks;

    /// <summary>Describes how a model adapts to each row.</summary>
    /// <param name="model">The model, with at least one network. The caller goes on owning it.</param>
    /// <param name="view">The augmentation; <c>AugMix</c> in the paper.</param>
    /// <param name="views">How many views K of a row, at least 1. Default 32, the authors' for small images.</param>
    /// <param name="steps">How many steps each row takes, at least 1. Default 1.</param>
    /// <param name="optimizer">
    /// Makes the optimizer. Default gradient descent with 0.005, the authors' for small images.
    /// </param>
    /// <exception cref="ArgumentException">The model has no network, or predicts values.</exception>
    public MarginalEntropy(
        AdaptedModel model,
        IAugmentation view,
        int views = 32,
        int steps = 1,
        OptimizerFactory? optimizer = null
    )
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(view);
        ArgumentOutOfRangeException.ThrowIfLessThan(views, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        TestTime.RefuseValues(model);
        (this.model, this.view, this.views, this.steps) = (model, view, views, steps);
        factory = optimizer ?? (parameters => optim.SGD(parameters, 0.005));
        networks = TestTime.Networks(model);
        if (!networks.Exists(module => module.parameters().Any()))
        {
            throw new ArgumentException("the model has no network whose parameters could move.", nameof(model));
        }
    }

    /// <summary>The scores of target rows, each by a model that has adapted to it alone.</summary>
    /// <param name="inputs">Inputs <c>[n, ...]</c>.</param>
    /// <param name="key">The randomness of the views.</param>
    /// <param name="cancellation">Stops between two rows; the model is then as it was.</param>
    /// <returns>Logits <c>[n, C]</c>, on the inputs' device; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">
    /// The inputs are not rows as in the fit, or hold NaN or infinite values.
    /// </exception>
    public Tensor Predict(Tensor inputs, RandomKey key, CancellationToken cancellation = default)
    {
        TestTime.Check(model, inputs, least: 0);
        using var recording = new Recording();
        using var scope = NewDisposeScope();
        List<Parameter> parameters =
        [
            .. networks
                .SelectMany(module => module.parameters())
                .Distinct<Parameter>(ReferenceEqualityComparer.Instance),
        ];
        List<Tensor> before = [.. parameters.Select(parameter => parameter.detach().clone())];
        using var moving = new TestTime.Moving(networks, parameters);
        var rows = TestTime.Home(networks, inputs);
        var scores = new List<Tensor>();
        for (long row = 0; row < rows.shape[0]; row++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var pass = NewDisposeScope();
            try
            {
                scores.Add(Adapted(rows.narrow(0, row, 1), key.Child(row), parameters).MoveToOuterDisposeScope());
            }
            finally
            {
                using var quiet = no_grad();
                foreach (var (parameter, first) in parameters.Zip(before))
                {
                    parameter.copy_(first);
                    parameter.grad = null;
                }
            }
        }
        if (scores.Count == 0)
        {
            scores.Add(TestTime.Scores(model, rows).detach());
        }
        return cat([.. scores]).to(inputs.device).MoveToOuterDisposeScope();
    }

    /// <summary>The entropy of the mean prediction of some logits.</summary>
    /// <param name="scores">Logits of the views <c>[K, C]</c>.</param>
    /// <returns>A scalar, differentiable in the scores; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores)
    {
        Guard.Rows(scores);
        using var scope = NewDisposeScope();
        var logs = scores.log_softmax(1).logsumexp(0) - Math.Log(scores.shape[0]);
        return (logs.exp() * logs).sum().neg().MoveToOuterDisposeScope();
    }

    private Tensor Adapted(Tensor row, RandomKey key, List<Parameter> parameters)
    {
        using var optimizer = factory(parameters);
        long[] copies = [views, .. Enumerable.Repeat(-1L, (int)row.dim() - 1)];
        for (var step = 0; step < steps; step++)
        {
            using var pass = NewDisposeScope();
            Tensor looks;
            using (no_grad())
            {
                looks = view.Apply(row.expand(copies).contiguous(), key.Child(step));
            }
            Of(TestTime.Scores(model, looks)).backward();
            optimizer.step();
            parameters.ForEach(parameter => parameter.grad = null);
        }
        using var still = no_grad();
        return TestTime.Scores(model, row);
    }
}
