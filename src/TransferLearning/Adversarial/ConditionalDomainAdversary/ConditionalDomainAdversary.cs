using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// CDAN: a critic that sees features together with the class predictions tells the domains apart, and reversed
/// gradients teach the extractor to confuse it.
/// </summary>
/// <remarks>
/// <para>
/// <c>mean_s w BCE(D(f_s x p_s), 1) + mean_t w BCE(D(f_t x p_t), 0)</c>, <c>f x p</c> the <see cref="MultilinearMap"/>
/// of features and <c>p = softmax(z)</c>, a constant; <c>-lambda</c> times its gradient goes to the extractor (Long,
/// Cao, Wang and Jordan 2018, "Conditional Adversarial Domain Adaptation", equations 2 to 8). The authors' program and
/// TLLib halve the sum. A critic of the features alone can be confused by domains whose classes lie crosswise; this one
/// cannot.
/// </para>
/// <para>
/// With <see cref="Entropy"/> it is CDAN+E: <c>w = 1 + exp(-H(p))</c>, H with 1e-5 inside its logarithm. Source rows
/// weigh by their example weights as well; several sources count together as "source".
/// </para>
/// <para>
/// A <see cref="RandomizedMultilinearMap"/> that was drawn for L layers takes the outputs of the last L links of the
/// extractor, an <see cref="ExtractorChain"/>, or of the last layers of a <see cref="TappedExtractor"/> and its
/// features, as vectors, each with its gradient reversed.
/// </para>
/// </remarks>
/// <param name="critic">
/// The critic of rows as wide as the map makes them, <c>C d</c> or its outputs; the phase moves it together with the
/// extractor.
/// </param>
/// <param name="map">The randomized map, or null for the exact one.</param>
/// <param name="reversal">The factor lambda over progress. Default the ramp from 0 to 1, gamma 10.</param>
/// <param name="weights">Further weights of the source rows, or null.</param>
public sealed class ConditionalDomainAdversary(
    IDomainCritic critic,
    RandomizedMultilinearMap? map = null,
    Schedule? reversal = null,
    IRowWeights? weights = null
) : IObjective, IJudged
{
    private const double Epsilon = 1e-5;
    private readonly IDomainCritic critic = critic ?? throw new ArgumentNullException(nameof(critic));
    private readonly Schedule reversal = reversal ?? Schedule.SigmoidRamp();

    /// <summary>Whether rows that are read surely count more. Default <see cref="EntropyConditioning.None"/>.</summary>
    public EntropyConditioning Entropy { get; init; }

    /// <summary>
    /// What the critic minimizes, and the extractor is opposed to. Default <see cref="CriticLoss.CrossEntropy"/>, the
    /// paper's.
    /// </summary>
    public CriticLoss Criterion { get; init; }

    IReadOnlyList<IPart> IJudged.Critics => [critic];

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => new IPart?[] { critic, map, weights }.OfType<IPart>();

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var coefficient = reversal.At(step.Progress);
        var scores = cat([.. step.Sources.Select(source => step.Scores(source)), step.Scores(step.Target)]);
        var sources = step.Sources.Sum(batch => batch.Inputs.shape[0]);
        Tensor[] Domains(Tensor rows) => rows.split([sources, rows.shape[0] - sources]);

        var p = scores.detach().softmax(1);
        Tensor[] reversed = [.. Layers(step).Select(rows => GradientReversal.Apply(rows, coefficient))];
        var joint = map is null ? MultilinearMap.Of(reversed[0], p) : map.OfLayers(reversed, p);
        var judged = Domains(step.Judgment(critic, joint));
        var own = step.SourceWeights(weights);
        Tensor[]? sure = Entropy switch
        {
            EntropyConditioning.None => null,
            EntropyConditioning.Joint => Domains(EntropyWeights(scores)),
            EntropyConditioning.PerDomain => [.. Domains(scores).Select(some => EntropyWeights(some, coefficient))],
            _ => throw new ArgumentOutOfRangeException(nameof(Entropy), Entropy, "is not a known conditioning."),
        };
        var ofSources =
            sure is null ? own
            : own is null ? sure[0]
            : sure[0] * own;
        return DomainAdversary.Loss(judged[0], judged[1], ofSources, sure?[1], Criterion);
    }

    // The features of all rows, or what each of the links makes of them that the map takes.
    private IEnumerable<Tensor> Layers(StepContext step)
    {
        if (map is null or { Layers: 1 })
        {
            return [cat([step.SourceFeatures(), step.Features(step.Target)])];
        }
        IReadOnlyList<Tensor>[] all = [.. step.Sources.Select(step.Layers), step.Layers(step.Target)];
        var links = all[0].Count;
        return links >= map.Layers
            ? Enumerable
                .Range(links - map.Layers, map.Layers)
                .Select(i => cat([.. all.Select(layers => layers[i].flatten(1))]))
            : throw new ArgumentException(
                $"the map was drawn for {map.Layers} layers, and the extractor has {links} link(s): "
                    + "ExtractorChain.Of(lower, upper) makes an extractor of links, and "
                    + "new TappedExtractor(network, \"layer\") one of named layers and the features.",
                nameof(step)
            );
    }

    /// <summary>
    /// How much each row counts for CDAN+E: <c>1 + exp(-H(softmax(z)))</c>, divided by the rows' mean.
    /// </summary>
    /// <param name="scores">Logits <c>[n, C]</c>.</param>
    /// <param name="reversal">
    /// The factor of the reversed gradient that the entropies pass on, not negative; null for constants. The mean is a
    /// constant in any case.
    /// </param>
    /// <returns>Weights <c>[n]</c> of mean 1; the caller disposes them.</returns>
    public static Tensor EntropyWeights(Tensor scores, double? reversal = null)
    {
        Internal.Guard.Rows(scores);
        using var scope = NewDisposeScope();
        var p = scores.softmax(1);
        var entropy = (p * (p + Epsilon).log()).sum(1).neg();
        var passed = reversal is { } factor ? GradientReversal.Apply(entropy, factor) : entropy.detach();
        var sure = passed.neg().exp() + 1;
        return (sure / sure.detach().mean()).MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
