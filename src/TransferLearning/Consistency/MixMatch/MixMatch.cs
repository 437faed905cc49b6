using MathNet.Numerics.Distributions;
using TransferLearning.Augmentation;
using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>MixMatch: labeled rows and guessed target rows are augmented, mixed with each other, and read as the mixtures of their labels.</summary>
/// <remarks>
/// <para>
/// The guess of a target row is the mean prediction for K views of it, to the power <c>1/T</c> and divided by its sum, without gradient. Every view x of a labeled row and of a target row is mixed with a drawn one y of all of them, <c>l x + (1 - l) y</c> with
/// <c>l = max(l', 1 - l')</c>, <c>l' ~ Beta(alpha, alpha)</c> drawn once a step, and so are labels and guesses. The loss is the cross-entropy of the mixed labeled rows, by the example weights of the larger ingredient, and
/// <c>w mean_i mean_c (q_ic - softmax(z_i)_c)^2</c> over the K mixed views of the target (Berthelot, Carlini, Goodfellow, Papernot, Oliver and Raffel 2019, "MixMatch: A Holistic Approach to Semi-Supervised Learning").
/// </para>
/// <para>It takes the place of <see cref="CrossEntropy"/>: the views of labeled rows are its own. Rows of several sources are mixed with each other.</para>
/// </remarks>
/// <param name="view">The augmentation, of labeled rows, too.</param>
public sealed class MixMatch(IAugmentation view) : IObjective
{
    private readonly IAugmentation view = view ?? throw new ArgumentNullException(nameof(view));

    // Views are known by reference: each object is a draw of its own.
    private readonly List<IAugmentation> further = [];

    /// <summary>How many views K of a target row its guess is the mean of, at least 1. Default 2.</summary>
    [OptionRange(AtLeast = 1)]
    public int Views { get; init; } = 2;

    /// <summary>The temperature T of guesses, positive; below 1 sharpens. Default 0.5.</summary>
    [OptionRange(Above = 0)]
    public double Temperature { get; init; } = 0.5;

    /// <summary>The parameter of the Beta distribution: small mixes little. Default 0.75.</summary>
    [OptionRange(Above = 0)]
    public double Alpha { get; init; } = 0.75;

    /// <summary>The weight w of the target's part over progress. Default a line from 0 to 75, the paper's for CIFAR-10.</summary>
    public Schedule Weight { get; init; } = Schedule.Linear(0, 75);

    /// <inheritdoc />
    public IEnumerable<object> Parts => [view];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        while (further.Count < Views - 1)
        {
            further.Add(new AugmentationSequence(view));
        }
        var labeled = step.Labeled.Select(batch => (Batch: batch, step.View(view, batch).Inputs)).ToList();
        var looks = further.Prepend(view).Take(Views).Select(look => step.View(look, step.Target)).ToList();
        Tensor guesses;
        using (no_grad())
        {
            var mean = looks.Select(look => step.Scores(look).softmax(1)).Aggregate((a, b) => a + b) / Views;
            guesses = Sharpened(mean, Temperature);
        }
        var key = step.NextKey();
        var inputs = cat([.. labeled.Select(one => one.Inputs), .. looks.Select(look => look.Inputs)]);
        var labels = cat([.. labeled.Select(one => Labels(one.Batch)), .. looks.Select(_ => guesses)]);
        using var generator = key.Child(0).Generator();
        var partners = randperm(inputs.shape[0], generator: generator).to(inputs.device);
        var drawn = Beta.Sample(key.Child(1).Random(), Alpha, Alpha);
        var share = Math.Max(drawn, 1 - drawn);
        Tensor Mix(Tensor rows) => (rows * share) + (rows.index_select(0, partners) * (1 - share));
        var (mixed, wanted) = (Mix(inputs), Mix(labels));
        Tensor Part(Tensor of, long from, LabeledBatch batch) => of.narrow(0, from, batch.Inputs.shape[0]);
        var (terms, start) = (new List<Tensor>(), 0L);
        foreach (var (batch, _) in labeled)
        {
            var (rows, targets) = (Part(mixed, start, batch), Part(wanted, start, batch));
            terms.Add(CrossEntropy.Of(step.Scores(batch.With(rows, targets)), targets, batch.Weights));
            start += batch.Inputs.shape[0];
        }
        var rest = inputs.shape[0] - start;
        var target = new UnlabeledBatch(mixed.narrow(0, start, rest), step.Target.Domain, step.Target.Rows);
        var distance = (step.Scores(target).softmax(1) - wanted.narrow(0, start, rest)).square().mean();
        return stack([.. terms]).mean() + (distance * Weight.At(step.Progress));
    }

    /// <summary>Sharpened probabilities, <c>p^(1/T)</c> divided by their sum.</summary>
    /// <param name="probabilities">Probabilities <c>[n, C]</c>.</param>
    /// <param name="temperature">The temperature T, positive; 1 changes nothing.</param>
    /// <returns>Probabilities <c>[n, C]</c>; the caller disposes them.</returns>
    public static Tensor Sharpened(Tensor probabilities, double temperature = 0.5)
    {
        Guard.Rows(probabilities);
        Guard.Positive(temperature);
        using var scope = NewDisposeScope();
        // In logarithms, so that no power of a small number is 0 for all classes.
        return (probabilities.clamp_min(1e-30).log() / temperature).softmax(1).MoveToOuterDisposeScope();
    }

    private static Tensor Labels(LabeledBatch batch)
    {
        if (!batch.Space.IsClasses)
        {
            throw new ArgumentException("MixMatch is of classes; the labels are values.", nameof(batch));
        }
        return batch.Labels.is_floating_point()
            ? batch.Labels.to(batch.Inputs.dtype)
            : nn.functional.one_hot(batch.Labels, batch.Space.Width).to(batch.Inputs.dtype);
    }
}
