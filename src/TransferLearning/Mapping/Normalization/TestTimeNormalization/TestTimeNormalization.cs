using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Prediction-time batch normalization: a fitted model normalizes each batch that it predicts by the batch's own means
/// and variances, mixed with those that it has.
/// </summary>
/// <remarks>
/// Each batch normalization uses <c>(N s + n b) / (N + n)</c> for its running statistics s and those b of a batch of n
/// rows, the variance divided by the number of values (Schneider, Rusak, Eck, Bringmann, Brendel and Bethge 2020,
/// "Improving Robustness against Common Corruptions by Covariate Shift Adaptation"; with N = 0 Nado et al. 2020,
/// "Evaluating Prediction-Time Batch Normalization for Robustness under Covariate Shift"). Nothing is learned and
/// nothing stays: the model ends as it was. <see cref="AdaptiveBatchNormalization"/> takes the statistics of a whole
/// target, and keeps them. For one thread at a time, while nobody else predicts by the model.
/// </remarks>
public sealed class TestTimeNormalization
{
    private readonly AdaptedModel model;
    private readonly double prior;
    private readonly List<BatchNorm> norms;

    /// <summary>Describes how a model normalizes.</summary>
    /// <param name="model">The model, with batch normalization. The caller goes on owning it.</param>
    /// <param name="prior">
    /// How many rows N the model's own statistics count for, not negative. Default 16, Schneider et al.'s for small
    /// batches; 0 takes the batch's alone.
    /// </param>
    /// <exception cref="ArgumentException">The model has no batch normalization with running statistics.</exception>
    public TestTimeNormalization(AdaptedModel model, double prior = 16)
    {
        ArgumentNullException.ThrowIfNull(model);
        Guard.NotNegative(prior);
        (this.model, this.prior, norms) = (model, prior, TestTime.Norms(model));
    }

    /// <summary>The scores of a batch of target rows.</summary>
    /// <param name="inputs">Inputs <c>[n, ...]</c> of one batch, at least one row.</param>
    /// <returns>Logits <c>[n, C]</c>, on the inputs' device; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">
    /// There is no row, the inputs are not rows as in the fit, or hold NaN or infinite values.
    /// </exception>
    public Tensor Predict(Tensor inputs)
    {
        TestTime.Check(model, inputs, least: 1);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var share = inputs.shape[0] / (prior + inputs.shape[0]);
        var layers = norms.Select(layer => new Mixed(layer, share)).ToList();
        try
        {
            return TestTime
                .Scores(model, TestTime.Home(TestTime.Networks(model), inputs))
                .to(inputs.device)
                .MoveToOuterDisposeScope();
        }
        finally
        {
            layers.ForEach(layer => layer.Dispose());
        }
    }

    /// <summary>
    /// One layer whose running statistics are mixed with those of what comes in, as long as this lives.
    /// </summary>
    private sealed class Mixed : IDisposable
    {
        private readonly BatchNorm layer;
        private readonly Tensor mean;
        private readonly Tensor variance;
        private readonly nn.Module<Tensor, Tensor>.HookRemover hook;

        public Mixed(BatchNorm layer, double share)
        {
            this.layer = layer;
            (mean, variance) = (layer.running_mean!.clone(), layer.running_var!.clone());
            hook = layer.register_forward_pre_hook(
                (_, input) =>
                {
                    using var scope = NewDisposeScope();
                    long[] others = [0, .. Enumerable.Range(2, (int)input.dim() - 2).Select(axis => (long)axis)];
                    var batch = input.to(mean.dtype);
                    Tensor Mix(Tensor own, Tensor other) => (own * (1 - share)) + (other * share);
                    layer.running_mean!.copy_(Mix(mean, batch.mean(others)));
                    layer.running_var!.copy_(Mix(variance, batch.var(others, unbiased: false)));
                    return input;
                }
            );
        }

        public void Dispose()
        {
            hook.remove();
            layer.running_mean!.copy_(mean);
            layer.running_var!.copy_(variance);
        }
    }
}
