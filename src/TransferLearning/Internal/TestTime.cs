using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>What adapts a fitted model while it predicts needs of its networks.</summary>
internal static class TestTime
{
    /// <summary>The networks by which a model reads the target, each module once.</summary>
    public static List<nn.Module> Networks(AdaptedModel model) =>
        [
            .. model
                .Extractor.For(DomainId.Target)
                .WithInner()
                .Concat(model.Predictor.WithInner())
                .OfType<ITrainable>()
                .Select(part => part.Module)
                .Distinct<nn.Module>(ReferenceEqualityComparer.Instance),
        ];

    /// <summary>The batch normalizations inside a model, at least one.</summary>
    public static List<BatchNorm> Norms(AdaptedModel model)
    {
        var norms = Networks(model)
            .SelectMany(Modes.Of)
            .OfType<BatchNorm>()
            .Where(layer => layer.track_running_stats)
            .Distinct<BatchNorm>(ReferenceEqualityComparer.Instance)
            .ToList();
        return norms.Count > 0
            ? norms
            : throw new ArgumentException(
                "the model has no batch normalization with running statistics.",
                nameof(model)
            );
    }

    /// <summary>Refuses a model of values or of any of several labels: its rows have no entropy to lower.</summary>
    public static void RefuseValues(AdaptedModel model)
    {
        if (model.Space is { IsClasses: false } || model.Predictor.ScoreKind == ScoreKind.Values)
        {
            throw new ArgumentException(
                "the model must predict classes, whose entropy is lowered; it predicts "
                    + $"{model.Space?.ToString() ?? "values"}.",
                nameof(model)
            );
        }
    }

    /// <summary>Refuses inputs that a model would not predict: NaN would stay in its layers.</summary>
    public static void Check(AdaptedModel model, Tensor inputs, int least)
    {
        Guard.Alive(inputs);
        ObjectDisposedException.ThrowIf(model.IsDisposed, model);
        if (inputs.dim() == 0 || inputs.shape[0] < least)
        {
            throw new ArgumentException(
                least == 0
                    ? $"inputs must be rows [n, ...]; got {Shape.Of(inputs)}."
                    : $"inputs must be at least {least} row(s), whose means and variances are taken; got "
                        + $"{Shape.Of(inputs)}.",
                nameof(inputs)
            );
        }
        using var scope = NewDisposeScope();
        model.CheckRows(inputs);
    }

    /// <summary>The scores of target rows.</summary>
    public static Tensor Scores(AdaptedModel model, Tensor inputs)
    {
        ObjectDisposedException.ThrowIf(model.IsDisposed, model);
        return model.Predictor.Predict(model.Extractor.For(DomainId.Target).Extract(inputs));
    }

    /// <summary>Inputs on the networks' device, as data.</summary>
    public static Tensor Home(List<nn.Module> networks, Tensor inputs)
    {
        var first = networks.SelectMany(module => module.parameters()).FirstOrDefault();
        return Recording.Data(first is null ? inputs : inputs.to(first.device));
    }

    /// <summary>Which parameters take gradients for a while.</summary>
    public readonly struct Moving : IDisposable
    {
        private readonly List<(Parameter Parameter, bool Before)> demands;

        public Moving(List<nn.Module> networks, IEnumerable<Parameter> moved)
        {
            var wanted = moved.ToHashSet<Parameter>(ReferenceEqualityComparer.Instance);
            demands =
            [
                .. networks
                    .SelectMany(module => module.parameters())
                    .Distinct<Parameter>(ReferenceEqualityComparer.Instance)
                    .Select(parameter => (parameter, parameter.requires_grad)),
            ];
            demands.ForEach(demand => demand.Parameter.requires_grad = wanted.Contains(demand.Parameter));
        }

        public void Dispose() => demands.ForEach(demand => demand.Parameter.requires_grad = demand.Before);
    }

    /// <summary>
    /// Batch normalizations that normalize by each batch for a while; running statistics and the counts of batches
    /// stay.
    /// </summary>
    public sealed class ByBatch : IDisposable
    {
        private readonly List<(BatchNorm Layer, double? Momentum, List<(Tensor Live, Tensor Before)> Buffers)> layers =
        [];

        public ByBatch(IEnumerable<BatchNorm> norms)
        {
            foreach (var layer in norms)
            {
                var buffers = new[] { layer.running_mean, layer.running_var, layer.num_batches_tracked }
                    .OfType<Tensor>()
                    .Select(live => (live, live.clone().DetachFromDisposeScope()))
                    .ToList();
                layers.Add((layer, layer.momentum, buffers));
                layer.momentum = 0;
                layer.train();
            }
        }

        public void Dispose()
        {
            using var quiet = no_grad();
            foreach (var (layer, momentum, buffers) in layers)
            {
                layer.eval();
                layer.momentum = momentum;
                foreach (var (live, before) in buffers)
                {
                    // A momentum of 0 keeps statistics, but for a batch whose own overflow.
                    live.copy_(before);
                    before.Dispose();
                }
            }
        }
    }
}
