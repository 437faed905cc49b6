using TransferLearning.Augmentation;
using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>
/// MixMatch: labeled rows and guessed target rows are augmented, mixed with each other, and read as the mixtures of
/// their labels.
/// </summary>
/// <remarks>
/// <para>
/// The guess of a target row is the mean prediction for K views of it, to the power <c>1/T</c> and divided by its sum,
/// without gradient. Every view x of a labeled row and of a target row is mixed with a drawn one y of all of them,
/// <c>l x + (1 - l) y</c> with <c>l = max(l', 1 - l')</c>, <c>l' ~ Beta(alpha, alpha)</c> drawn for each view, and so
/// are labels and guesses. The loss is the cross-entropy of the mixed labeled rows and
/// <c>w mean_i mean_c (q_ic - softmax(z_i)_c)^2</c> over the K mixed views of the target (Berthelot, Carlini,
/// Goodfellow, Papernot, Oliver and Raffel 2019, "MixMatch: A Holistic Approach to Semi-Supervised Learning"). Example
/// weights mix as in <see cref="Mixup"/>; a guess weighs 1.
/// </para>
/// <para>
/// It takes the place of <see cref="CrossEntropy"/>: the views of labeled rows are its own. Rows of several sources are
/// mixed with each other.
/// </para>
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

    /// <summary>
    /// The weight w of the target's part over progress. Default a line from 0 to 75 over the first 64th of the training
    /// and 75 from there on, the authors' for CIFAR-10.
    /// </summary>
    public Schedule Weight { get; init; } = Ramp;

    /// <summary>The authors' weight over progress.</summary>
    internal static Schedule Ramp { get; } = new(progress => 75 * Math.Min(1, 64 * progress));

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [view];

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
        var mixture = JointMixture.Of(step, labeled, looks, guesses, Alpha);
        var squares = (mixture.Scores.softmax(1) - mixture.Wanted).square();
        var distance = mixture.Weights is { } weights
            ? (squares.mean([1L]) * weights.to(squares.dtype)).mean()
            : squares.mean();
        return mixture.Labeled + (distance * Weight.At(step.Progress));
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

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
