using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>
/// Manifold mixup: labeled examples are mixed at a layer that is drawn anew in every step, and so are their labels.
/// </summary>
/// <remarks>
/// <c>1/n sum_i l w_i CE(z_i, y_i) + (1 - l) w_j CE(z_i, y_j)</c>, <c>z_i = f(l g(x_i) + (1 - l) g(x_j))</c>, for the
/// network f after and g up to the drawn layer, example weights w, <c>l ~ Beta(alpha, alpha)</c> and a permutation j,
/// both drawn once a batch (Verma, Lamb, Beckham, Najafi, Mitliagkas, Lopez-Paz and Bengio 2019, "Manifold Mixup:
/// Better Representations by Interpolating Hidden States"). Layers are drawn evenly from the inputs and
/// <paramref name="layers"/>, as in the authors' program, which draws from the inputs and the outputs of the first two
/// blocks; where no layers are given, from the inputs and the extractor's features. Each labeled batch is mixed within
/// itself, and the batches' means are averaged. It takes the place of <see cref="CrossEntropy"/>.
/// </remarks>
/// <param name="layers">
/// Layers of the network whose outputs <c>[n, ...]</c> may be mixed; none for the inputs and the features alone.
/// </param>
public sealed class ManifoldMixup(params IReadOnlyList<nn.Module<Tensor, Tensor>> layers) : IObjective
{
    private readonly IReadOnlyList<nn.Module<Tensor, Tensor>> layers =
        layers ?? throw new ArgumentNullException(nameof(layers));

    /// <summary>The parameter of the Beta distribution: small mixes little. Default 2, the authors'.</summary>
    [OptionRange(Above = 0)]
    public double Alpha { get; init; } = 2;

    /// <summary>Whether the inputs are among the layers. Default true.</summary>
    public bool MixesInputs { get; init; } = true;

    /// <summary>
    /// Whether the extractor's features are among the layers. Default true where no layers are given, and false where
    /// some are.
    /// </summary>
    public bool MixesFeatures { get; init; } = layers is { Count: 0 };

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan)
    {
        foreach (var fault in plan.OfClasses())
        {
            yield return fault;
        }
        if (!MixesInputs && !MixesFeatures && layers.Count == 0)
        {
            yield return "there is no layer to mix at: give one, or let MixesInputs or MixesFeatures be true.";
        }
    }

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var places = Places();
        var terms = step.Labeled.Select(batch =>
        {
            var key = step.NextKey();
            using var generator = key.Child(0).Generator();
            var partners = randperm(batch.Inputs.shape[0], generator: generator).to(batch.Inputs.device);
            var share = MixingShare.Draw(Alpha, key.Child(1));
            Tensor Mix(Tensor own, Tensor other) => (own * share) + (other.index_select(0, partners) * (1 - share));
            var place = places[key.Child(2).Random().Next(places.Count)];
            var scores = Scores(step, batch, place, rows => Mix(rows, rows));
            var (labels, weights) = SoftLabels.Mixed(batch, batch, Mix);
            return CrossEntropy.Of(scores, labels, weights);
        });
        return stack([.. terms]).mean();
    }

    // The inputs, the features, or a layer.
    private List<object> Places()
    {
        var places = layers.Cast<object>().ToList();
        if (MixesInputs)
        {
            places.Add(Place.Inputs);
        }
        if (MixesFeatures)
        {
            places.Add(Place.Features);
        }
        return places;
    }

    private static Tensor Scores(StepContext step, LabeledBatch batch, object place, Func<Tensor, Tensor> mix)
    {
        switch (place)
        {
            case Place.Features:
                return step.Scores(step.Predictor, mix(step.Features(batch)));
            case Place.Inputs:
                return step.Scores(batch.With(mix(batch.Inputs), batch.Labels));
            default:
                var isMixed = false;
                var hook = ((nn.Module<Tensor, Tensor>)place).register_forward_hook(
                    (_, _, output) =>
                    {
                        isMixed = true;
                        return mix(output);
                    }
                );
                try
                {
                    // A pass of its own: what the step remembers is not mixed.
                    var features = step.Extractor.For(batch.Domain).Extract(batch.Inputs);
                    var scores = step.Predictor.Predict(features);
                    return isMixed
                        ? scores
                        : throw new ArgumentException(
                            $"the layer {place.GetType().Name} took no part in the pass: give layers of the "
                                + "extractor or of the predictor.",
                            nameof(place)
                        );
                }
                finally
                {
                    hook.remove();
                }
        }
    }

    private enum Place
    {
        Inputs,
        Features,
    }
}
