using TorchSharp.Modules;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.SelfTraining;

/// <summary>
/// TENT: a fitted model adapts while it predicts, each batch by one step toward surer predictions, in the scales and
/// shifts of its batch normalizations alone.
/// </summary>
/// <remarks>
/// <para>
/// Each batch is normalized by its own means and variances; the scales and shifts of all batch normalizations take a
/// step down the mean entropy <c>-1/n sum_i sum_c p_ic log p_ic</c>, and the scores from before the step are returned
/// (Wang, Shelhamer, Liu, Olshausen and Darrell 2021, "Tent: Fully Test-Time Adaptation by Entropy Minimization").
/// Nothing else of the model changes, running statistics included; no source row and no label is needed. Other layers,
/// dropout among them, stay in evaluation mode.
/// </para>
/// <para>
/// The model is changed in place: <see cref="Reset"/> takes the changes back. For one thread at a time, while nobody
/// else predicts by the model.
/// </para>
/// </remarks>
public sealed class TestTimeEntropy : IDisposable
{
    private readonly AdaptedModel model;
    private readonly OptimizerFactory factory;
    private readonly int steps;
    private readonly List<nn.Module> networks;
    private readonly List<BatchNorm> norms;
    private readonly List<Parameter> moved;
    private List<Tensor>? before; // from the first batch on
    private OptimizerHelper? optimizer;

    /// <summary>Begins an adaptation of a model.</summary>
    /// <param name="model">
    /// The model, with batch normalizations that have scales and shifts. The caller goes on owning it.
    /// </param>
    /// <param name="steps">How many steps each batch takes, at least 1. Default 1.</param>
    /// <param name="optimizer">Makes the optimizer. Default Adam with 1e-3, the authors' for small images.</param>
    /// <exception cref="ArgumentException">The model has no such layer, or predicts values.</exception>
    public TestTimeEntropy(AdaptedModel model, int steps = 1, OptimizerFactory? optimizer = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        TestTime.RefuseValues(model);
        (this.model, this.steps) = (model, steps);
        factory = optimizer ?? (parameters => optim.Adam(parameters, 1e-3));
        (networks, norms) = (TestTime.Networks(model), TestTime.Norms(model));
        moved = [.. norms.Where(layer => layer.affine).SelectMany(layer => new[] { layer.weight!, layer.bias! })];
        if (moved.Count == 0)
        {
            throw new ArgumentException("the model's batch normalizations have no scales and shifts.", nameof(model));
        }
    }

    /// <summary>The scores of a batch of target rows; the model adapts to it.</summary>
    /// <param name="inputs">Inputs <c>[n, ...]</c> of one batch; a few hundred tell the statistics best.</param>
    /// <returns>
    /// Logits <c>[n, C]</c> from before the last step, on the inputs' device; the caller disposes them.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// There is one row alone, the inputs are not rows as in the fit, or hold NaN or infinite values.
    /// </exception>
    public Tensor Predict(Tensor inputs)
    {
        TestTime.Check(model, inputs, least: 2);
        using var recording = new Recording();
        using var scope = NewDisposeScope();
        before ??= [.. moved.Select(parameter => parameter.detach().clone().DetachFromDisposeScope())];
        optimizer ??= factory(moved);
        using var moving = new TestTime.Moving(networks, moved);
        using var byBatch = new TestTime.ByBatch(norms);
        var rows = TestTime.Home(networks, inputs);
        Tensor? scores = null;
        for (var step = 0; step < steps; step++)
        {
            using var pass = NewDisposeScope();
            var now = TestTime.Scores(model, rows);
            ScoreEntropy.PerRow(now, 0).mean().backward();
            optimizer.step();
            moved.ForEach(parameter => parameter.grad = null);
            scores = now.detach().MoveToOuterDisposeScope();
        }
        return scores!.to(inputs.device).MoveToOuterDisposeScope();
    }

    /// <summary>Takes back what the model has learned since the first batch of this adaptation.</summary>
    public void Reset()
    {
        if (before is null)
        {
            return;
        }
        using var quiet = no_grad();
        foreach (var (parameter, first) in moved.Zip(before))
        {
            parameter.copy_(first);
        }
        Forget();
    }

    /// <summary>Ends the adaptation; the model stays as it is now.</summary>
    public void Dispose() => Forget();

    private void Forget()
    {
        optimizer?.Dispose();
        before?.ForEach(first => first.Dispose());
        (optimizer, before) = (null, null);
    }
}
